"""Mutants of the solution: each the right function with one small thing changed, as a slip of a student would.

A check that no mutant fails tests nothing that the others don't; a mutant that fails no check is a wrong answer with
full points. Mutated is the syntax tree of the solution's own cell, so that whatever students could write around the
function stays as it is. Why no library does this: docs/decisions/0015.
"""

import ast
import copy
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

_COMPARISONS: tuple[type[ast.cmpop], ...] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
# For each operator those that a student might take for it; the others only raise, or are caught at first sight.
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.Pow, ast.MatMult),
    ast.MatMult: (ast.Mult, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}


@dataclass(frozen=True)
class Mutant:
    """A solution's cell with one thing in one function changed. `before` and `after` are the statement's text."""

    function: str
    kind: str
    before: str
    after: str
    cell: str


def mutants_of(cell: str, function: str) -> list[Mutant]:
    """Give the mutants of a function that a cell defines. They differ from each other, and from the cell, in text."""
    tree = ast.parse(cell)
    definition = definition_of(tree, function)
    seen, texts = {ast.unparse(tree)}, Counter[str]()
    mutants = []
    for kind, statement, node, changed in _changes_in(definition):
        # A copy in which one node is another: what is copied already is not copied again.
        source = ast.unparse(copy.deepcopy(tree, {id(node): changed}))
        if source in seen:
            continue
        seen.add(source)
        after = _first_line(copy.deepcopy(statement, {id(node): changed}))
        texts[after] += 1
        if texts[after] > 1:
            after = f"{after}  # {texts[after]}"
        mutants.append(Mutant(function, kind, _first_line(statement), after, source))
    return mutants


def definition_of(tree: ast.Module, function: str) -> ast.FunctionDef:
    """Give the definition of a function in a cell. KeyError where there is none."""
    for node in reversed(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return node
    raise KeyError(function)


def replaced(cell: str, function: str, definition: str) -> str:
    """Give a cell with another definition of one of its functions."""
    tree = ast.parse(cell)
    old = definition_of(tree, function)
    (new,) = ast.parse(definition).body
    return ast.unparse(copy.deepcopy(tree, {id(old): new}))


def _changes_in(definition: ast.FunctionDef) -> Iterator[tuple[str, ast.stmt, ast.AST, ast.AST]]:
    """Give each change: its kind, the statement that it is in, the node, and what takes its place."""
    parameters = [argument.arg for argument in definition.args.posonlyargs + definition.args.args]
    own = {*parameters, *(node.id for node in ast.walk(definition) if _is_bound(node))}
    for statement in ast.walk(definition):
        if not isinstance(statement, ast.stmt) or statement is definition or _is_text(statement):
            continue
        for node in _own_nodes(statement):
            for kind, changed in _changes(node, parameters, own):
                yield kind, statement, node, changed


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Give the nodes of a statement, without the statements inside it."""
    yield statement
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield from ast.walk(child)


def _changes(node: ast.AST, parameters: Sequence[str], own: Collection[str]) -> Iterator[tuple[str, ast.AST]]:
    """Give what may take a node's place. `own` are the names that the function binds, parameters among them."""
    if isinstance(node, ast.stmt):
        return _changes_of_statement(node)
    match node:
        case ast.Name(name, ast.Load()) if name in own:
            return (("argument", ast.Name(other)) for other in parameters if other != name)
        case ast.Call(function, arguments, keywords):
            orders = _swapped(arguments)
            return (("argument", ast.Call(function, list(order), keywords)) for order in orders)
    return _changes_of_arithmetic(node)


def _changes_of_statement(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match statement:
        case ast.Return(ast.expr() as value):
            yield "return", ast.Return(ast.Constant(None))
            if isinstance(value, ast.Tuple):
                for parts in (*map(ast.Tuple, _swapped(value.elts)), *value.elts):
                    yield "return", ast.Return(parts)
        case ast.AugAssign(target, op, value):
            for other in _others(op):
                yield "operator", ast.AugAssign(target, other, value)
        case ast.If(test, body, orelse):
            yield "comparison", ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)


def _changes_of_arithmetic(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(left, ops, comparators):
            yield from _comparisons(left, ops, comparators)
        case ast.BinOp(left, op, right):
            for other in _others(op):
                yield "operator", ast.BinOp(left, other, right)
            for operand in (left, right):
                yield "operand", operand
            yield "sign", ast.BinOp(_negative(left), op, right)
            yield "sign", ast.BinOp(left, op, _negative(right))
        case ast.UnaryOp(_, operand):
            yield "sign", operand
        case ast.Constant(int() | float() as value):
            for number in _other_constants(value):
                yield "constant", ast.Constant(number)


def _others(op: ast.operator) -> Iterator[ast.operator]:
    return (other() for other in _OPERATORS.get(type(op), ()))


def _comparisons(
    left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr]
) -> Iterator[tuple[str, ast.AST]]:
    for place, op in enumerate(ops):
        for other in _COMPARISONS:
            if isinstance(op, _COMPARISONS) and other is not type(op):
                changed = [*ops[:place], other(), *ops[place + 1 :]]
                yield "comparison", ast.Compare(left, changed, comparators)


def _other_constants(value: float) -> list[float]:
    if isinstance(value, bool):
        return [not value]
    return [value + 1, value - 1, *([-value, 0] if value else [])]


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _negative(expression: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), expression)


def _swapped(items: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Give the items with each pair of neighbours changed over."""
    for place in range(len(items) - 1):
        yield [*items[:place], items[place + 1], items[place], *items[place + 2 :]]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _first_line(statement: ast.stmt) -> str:
    return ast.unparse(statement).splitlines()[0]
