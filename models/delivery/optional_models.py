"""Extensions of models that belong to an app which may or may not be installed."""


def extend(registry, definitions):
    """Add method-only extensions of models to this database's models, on top.

    A class with ``_inherit`` needs its model to be there whenever this addon is loaded.
    What there is to choose from, where an app may be absent:

    - A second addon that is installed by itself with both: Odoo's own way. But this is
      one addon, and users should not have to find out that there is another.
    - Replacing methods in ``_register_hook`` and putting them back, as
      ``base_automation`` does: then there is no ``super()``, no class to read, and
      whoever replaces the same method later is undone.
    - Ordinary classes that the addon does not register with its own models
      (``_register = False``), put in front of the model's other classes when all
      models of the database are there. This is what Odoo itself does when it loads an
      addon, and with the models that users define. ``super()`` works as anywhere.

    The third it is. In front of all others they are also where they have to be: what
    decides must be asked before the app's own methods, whichever addon was loaded last.

    Each database has model classes of its own, which are made anew when apps are
    installed or removed: so nothing has to be taken back. Fields cannot be added this
    way, as the table of the model is complete by then.

    :param registry: the models of a database
    :param definitions: classes with ``_register = False``, ``_name`` and ``_inherit``
    """
    for definition in definitions:
        model_class = registry[definition._name]
        if definition not in model_class._base_classes__:
            model_class._base_classes__ = (definition, *model_class._base_classes__)
            model_class.__bases__ = model_class._base_classes__
            model_class._model_classes__ = tuple(
                base
                for base in model_class.mro()
                if getattr(base, "pool", None) is None
            )
