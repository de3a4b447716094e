"""What the code of a cell does with the notebook's names, told from its text: nothing is run."""

import ast
import io
import re
import symtable
import tokenize
from collections.abc import Iterable, Iterator, Set

_WORD = re.compile(r"\w+")
_ON_THE_SPOT = frozenset({"lambda", "listcomp", "setcomp", "dictcomp", "genexpr"})
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)


class CellNames:
    """The names of the notebook that a cell binds, reads or changes. Raises SyntaxError for what is no Python.

    Which names a cell binds and reads is Python's own answer: the symbol table that its compiler makes.
    """

    def __init__(self, source: str) -> None:
        self._tree = ast.parse(source)
        self._scopes = list(_scopes(symtable.symtable(source, "<cell>", "exec")))

    @property
    def bound(self) -> set[str]:
        """The names that running the cell binds or deletes, in the notebook's namespace."""
        return {
            symbol.get_name()
            for scope in self._scopes
            for symbol in scope.get_symbols()
            if (scope.get_type() == "module" or symbol.is_declared_global())
            and (symbol.is_assigned() or symbol.is_imported())
        }

    @property
    def read(self) -> set[str]:
        """The names that the cell, or a function that it defines, looks up outside of its own scopes."""
        referenced = {
            symbol.get_name()
            for scope in self._scopes
            for symbol in scope.get_symbols()
            if symbol.is_global() and symbol.is_referenced()
        }
        return referenced | {
            node.target.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
        }

    @property
    def read_at_once(self) -> set[str]:
        """The names of the notebook that the cell itself looks up, also by what it runs on the spot."""
        return {name for scope in _at_once(self._scopes[0]) for name in _looked_up(scope)}

    @property
    def read_later(self) -> dict[str, set[str]]:
        """The names that the functions look up which the cell defines: for each function or class of the cell."""
        later: dict[str, set[str]] = {}
        for definition in self._scopes[0].get_children():
            if definition.get_type() == "class" or _is_later(definition):
                names = {name for scope in _scopes(definition) for name in _looked_up(scope)}
                later.setdefault(definition.get_name(), set()).update(names)
        return later

    @property
    def changed(self) -> set[str]:
        """The names whose object the cell may change: it calls a method of it, or stores into it."""
        roots = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                roots.add(_root(node.func))
            elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
                roots.add(_root(node))
        return roots - {""}

    def handed_to(self, functions: Set[str]) -> set[str]:
        """Give the names that are arguments in calls of these functions, which may change what is behind them."""
        return {
            argument.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions
            for argument in (*node.args, *(keyword.value for keyword in node.keywords))
            if isinstance(argument, ast.Name)
        }

    def draws_lots(self, imports: Set[str]) -> bool:
        """Tell whether the cell may draw from, or seed, random numbers of a module, which all cells share."""
        return any(
            isinstance(node, ast.Attribute)
            and "random" in (node.attr, _root(node))
            and _root(node) in imports
            for node in ast.walk(self._tree)
        )

    @property
    def imported(self) -> set[str]:
        """The names that the cell's imports bind, wherever in it they stand."""
        return {
            symbol.get_name()
            for scope in self._scopes
            for symbol in scope.get_symbols()
            if symbol.is_imported()
        }

    @property
    def hides_names(self) -> bool:
        """Tell whether an `import *` keeps it from being known which names the cell binds."""
        return any(
            isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
            for node in ast.walk(self._tree)
        )


def words(source: str) -> set[str]:
    """Give all words of a text: whatever names it mentions are among them, in code, text or magics."""
    return set(_WORD.findall(source))


def words_of_code(source: str) -> set[str]:
    """Give the names and keywords of a cell's code, not what is in its comments and strings.

    Of what is no Python, all words.
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError):
        return words(source)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def names_read(source: str) -> set[str]:
    """Give the names that a cell's code looks up outside of its own scopes.

    Of what cannot be read as Python, all words.
    """
    try:
        return CellNames(source).read
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return words(source)


def names_touched(source: str) -> set[str]:
    """Give the notebook's names that a cell's code looks up, binds or deletes, as `names_read` does."""
    try:
        names = CellNames(source)
        return names.read | names.bound
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return words(source)


def modules(sources: Iterable[str]) -> tuple[str, ...]:
    """Give the modules that cells import when they are run, and those that they find in an imported package.

    Some of the names may be no modules: what is imported from a package may be one, as in `from matplotlib import
    pyplot`, and so may an attribute that has attributes: `np.random.default_rng` loads `numpy.random`.
    """
    trees = [ast.parse(_MAGIC.sub(r"\1pass", source)) for source in sources if _is_python(source)]
    found: list[str] = []
    packages: dict[str, str] = {}
    for node in (node for tree in trees for node in _at_top_level(tree)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
            packages |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [alias.name for alias in node.names if alias.name != "*"]
            found += [node.module, *(f"{node.module}.{name}" for name in names)]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            package = node.value.value
            if isinstance(package, ast.Name) and package.id in packages:
                found.append(f"{packages[package.id]}.{node.value.attr}")
    return tuple(dict.fromkeys(found))


def _is_python(source: str) -> bool:
    try:
        ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError):
        return False
    return True


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _at_once(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """Give the scopes of what runs with the cell itself, the bodies of classes among it."""
    yield table
    for child in table.get_children():
        if not _is_later(child):
            yield from _at_once(child)


def _is_later(scope: symtable.SymbolTable) -> bool:
    """Tell whether what is in a scope runs when it is called: that of a function with a name."""
    return scope.get_type() == "function" and scope.get_name() not in _ON_THE_SPOT


def _looked_up(scope: symtable.SymbolTable) -> set[str]:
    return {
        symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()
    }


def _root(node: ast.expr) -> str:
    """Give the name at which a chain of attributes and indices begins, or '' where it does not begin at one."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _at_top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Give all statements that run with the cell itself: those in functions and classes run later, if at all."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            yield from _at_top_level(node)
