"""One person, one identity: applicants are matched with the persons already known, and officials decide on probable doubles."""
