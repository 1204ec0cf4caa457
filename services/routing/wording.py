"""What an office writes, as it is kept and said: without the numbers and addresses of people that it may quote. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from schemas.inbound.action import Action
from schemas.inbound.case_decide_transfer_v1 import CaseDecideTransfer
from schemas.inbound.case_defer_v1 import CaseDefer
from schemas.inbound.case_extend_v1 import CaseExtend
from schemas.inbound.case_follow_up_v1 import CaseFollowUp
from schemas.inbound.case_reclassify_v1 import CaseReclassify
from schemas.inbound.case_refer_v1 import CaseRefer
from schemas.inbound.case_reopen_v1 import CaseReopen
from schemas.inbound.case_transfer_v1 import CaseTransfer
from schemas.redaction import redact_shapes

A = TypeVar("A", bound=Action)

_WRITTEN: Final[Mapping[type[Action], tuple[str, ...]]] = {
    CaseDefer: ("question",),
    CaseFollowUp: ("text",),
    CaseRefer: ("to", "reason"),
    **dict.fromkeys((CaseTransfer, CaseDecideTransfer, CaseExtend, CaseReclassify, CaseReopen), ("reason",)),
}
"""The fields of each order that an office fills in words of its own; all others are codes."""


def quiet(order: A) -> A:
    """Return the order with a token in place of each NIK, telephone number and mail address that it quotes (product rule 6)."""
    given = {name: getattr(order, name) for name in _WRITTEN.get(type(order), ())}
    told = {name: redact_shapes(words) for name, words in given.items()}
    return order if told == given else order.model_copy(update=told)
