"""Authorities with a system of their own: they collect dossiers and take steps by API, under the same rules as on our pages."""
