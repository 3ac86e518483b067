"""The guarantor's commitment: annex 3bis for a short stay, annex 32 for a student."""
