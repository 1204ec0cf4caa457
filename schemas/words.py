"""The closed word lists of the contract (contracts §3 to §5); each word is what travels."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a reporter files; it decides where events may travel, so an unknown one is never read."""

    COMPLAINT = "complaint"
    OVERSIGHT_COMPLAINT = "oversight_complaint"
    ASPIRATION = "aspiration"
    INFORMATION_REQUEST = "information_request"
    WHISTLEBLOWING = "whistleblowing"


class Channel(StrEnum):
    """The door through which a reporter filed."""

    WEB = "web"
    ANDROID = "android"
    IOS = "ios"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    X = "x"
    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    YOUTUBE = "youtube"
    RADIO = "radio"
    HOTLINE = "hotline"
    EMAIL = "email"
    LETTER = "letter"
    WALK_IN = "walk_in"
    WIDGET = "widget"
    OTHER = "other"


class State(StrEnum):
    """Where a case stands; the tracking view's `status` is the same word."""

    ACCEPTED = "accepted"
    VERIFICATION = "verification"
    WAITING_REPORTER = "waiting_reporter"
    TRANSFER_REQUESTED = "transfer_requested"
    VERIFIED = "verified"
    FOLLOWED_UP = "followed_up"
    REPLIED = "replied"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REFERRED = "referred"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"


class Role(StrEnum):
    """As what somebody acts on a case; `reporter` closes and reopens only."""

    COORDINATOR = "coordinator"
    LIAISON = "liaison"
    TECHNICAL_OFFICER = "technical_officer"
    REPORTER = "reporter"


class Clock(StrEnum):
    """One promise being measured (contracts §5, Clocks)."""

    VERIFICATION = "verification"
    FOLLOW_UP = "follow_up"
    RESOLUTION = "resolution"
    DECISION = "decision"
    COMPLETION = "completion"
    REPLY = "reply"


class ArchiveReason(StrEnum):
    """Why a case is laid aside (contracts §5, `archive`)."""

    UNCLEAR = "unclear"
    NO_EVIDENCE = "no_evidence"
    NOT_GOVERNMENT = "not_government"
    HATE_SPEECH = "hate_speech"
    EXPIRED = "expired"
    AT_REPORTERS_WISH = "at_reporters_wish"


class Level(StrEnum):
    """Where an agency stands in the directory tree; `regency` is a city too."""

    NATIONAL = "national"
    MINISTRY = "ministry"
    PROVINCE = "province"
    REGENCY = "regency"
    UNIT = "unit"
    STATE_COMPANY = "state_company"


class NoticeChannel(StrEnum):
    """The way of a notice to its recipient."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    CHAT = "chat"
    SMS = "sms"


class Unusual(StrEnum):
    """What pulse says beside the cases, as a notice is about it."""

    SURGE = "surge"
    SILENCE = "silence"


class SurgeRule(StrEnum):
    """What a surge was judged by: what is usual there at that hour, or a number that is many anywhere."""

    USUAL = "usual"
    ABSOLUTE = "absolute"


class SurgeEnd(StrEnum):
    """Why a surge is over: fewer come again, or as many have come for so long that this is what is usual now."""

    CALM = "calm"
    LASTING = "lasting"


class Silent(StrEnum):
    """Who can go silent (contracts §5, pulse)."""

    AGENCY = "agency"
    PUBLISHER = "publisher"


class Outcome(StrEnum):
    """What became of an inbound record (contracts §3)."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    PARKED = "parked"


class Code(StrEnum):
    """Why (contracts §3); the list is closed."""

    OK = "ok"
    DUPLICATE = "duplicate"
    MALFORMED_JSON = "malformed_json"
    NOT_CLOUDEVENT = "not_cloudevent"
    UNKNOWN_TYPE = "unknown_type"
    SCHEMA_VIOLATION = "schema_violation"
    TOO_LARGE = "too_large"
    TIME_IN_FUTURE = "time_in_future"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    UNAUTHORIZED_SOURCE = "unauthorized_source"
    UNKNOWN_CASE = "unknown_case"
    ILLEGAL_ACTION = "illegal_action"
    STALE_VERSION = "stale_version"
    FORBIDDEN_ROLE = "forbidden_role"
    RATE_LIMITED = "rate_limited"
    UNSUPPORTED_VERSION = "unsupported_version"
    INTERNAL_ERROR = "internal_error"
    QUEUED_BEHIND = "queued_behind"
