"""Evaluating programs."""

from .core import Evaluator, evaluate

__all__ = ["Evaluator", "evaluate"]
