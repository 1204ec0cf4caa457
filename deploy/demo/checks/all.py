"""All checks, in the order in which they are told."""

from __future__ import annotations

from deploy.demo.checks import clocks, doors, notices, owners, privacy
from deploy.demo.checks.verdict import Verdict
from deploy.demo.evidence import Evidence


def judge(evidence: Evidence) -> list[Verdict]:
    """Return the verdict of every check."""
    return [
        doors.every_sending_is_answered(evidence),
        doors.every_record_has_one_receipt(evidence),
        doors.every_good_submission_is_one_case(evidence),
        doors.every_action_took_effect(evidence),
        doors.every_word_was_heard(evidence),
        owners.sequences_have_no_gap(evidence),
        owners.one_owner_at_every_moment(evidence),
        owners.services_agree(evidence),
        clocks.clocks_are_those_of_the_contract(evidence),
        clocks.nothing_fires_early(evidence),
        clocks.breaches_are_deserved(evidence),
        clocks.escalations_climb(evidence),
        notices.every_fact_is_told(evidence),
        notices.every_notice_arrived_once(evidence),
        notices.webhooks_are_signed_and_in_order(evidence),
        notices.links_open_their_case(evidence),
        privacy.no_identity_anywhere(evidence),
    ]
