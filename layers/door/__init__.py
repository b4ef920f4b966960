"""The door for files that others wrote: each is opened in a process of its own that has limits, no network and no
password."""
