"""Is it Odoo's own method that would run?"""


def is_stock_below(records, cls, name, module):
    """Whether ``super().name`` of ``cls`` is the method that ``module`` defines.

    Where another addon has put its own method in between, or replaced Odoo's, a
    shortcut that gives Odoo's answers could give other answers than theirs.

    :param records: recordset whose model is asked about
    :param cls: the class that would call ``super()``; None: nobody, the model itself
    :param str name: method
    :param str module: name of the Python module of Odoo's method
    """
    mro = type(records).__mro__
    below = mro[mro.index(cls) + 1 :] if cls else mro
    for parent in below:
        if name in vars(parent):
            return getattr(vars(parent)[name], "__module__", None) == module
    return False
