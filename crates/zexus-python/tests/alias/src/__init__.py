"""`src.zexus.X` is the same module object as `zexus.X`, as in the repository that the reference document is about."""

import importlib
import importlib.abc
import importlib.machinery
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name == "src.zexus" or name.startswith("src.zexus."):
            return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        # The machinery of imports writes into the module it is given; what it overwrites is put back.
        module = importlib.import_module(spec.name[len("src.") :])
        spec.loader_state = {key: vars(module).get(key) for key in ("__spec__", "__loader__", "__package__")}
        return module

    def exec_module(self, module):
        state = sys.modules  # the module has run under its own name
        alias = "src." + module.__name__ if not module.__name__.startswith("src.") else module.__name__
        spec = module.__spec__
        vars(module).update(getattr(spec, "loader_state", None) or {})
        state[alias] = module


sys.meta_path.insert(0, Finder())
