"""Monitoring is looked at in the scene of the hand-over, with a stand-in for the backbone."""

from tests.backbone.conftest import scene, stand_in

__all__ = ["scene", "stand_in"]
