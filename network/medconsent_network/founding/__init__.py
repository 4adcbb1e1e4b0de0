"""A consortium of homes on hosts of their own: what travels between institutions, and what each makes of it.

Nothing here needs the keys of two institutions. What one gives another is a *paper*: a small file with a digest.
"""
