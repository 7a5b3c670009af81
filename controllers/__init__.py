from . import export
from . import preferences
from . import unsubscribe
