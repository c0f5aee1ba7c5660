"""The demo round: real places, invented entries, people and marks, from a fixed seed."""

from award.demo.load import DemoRound, load_demo

__all__ = ["DemoRound", "load_demo"]
