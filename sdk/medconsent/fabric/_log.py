"""What the client tells its program's log: logger `medconsent.fabric`.

What went wrong is raised, and never logged in its place. Told are the things that a call got over by itself: another
peer asked, a transaction handed in once more, a stream opened anew. No argument, answer, key or certificate is in it.
"""

import logging

LOG = logging.getLogger("medconsent.fabric")
LOG.addHandler(logging.NullHandler())  # a program without logging of its own prints nothing
