"""The only folder that knows Kafka: reading in batches, publishing in order, topics.

`consumer` and `producer` are what services use, `reader` and `batches` read what others wrote, `topics` makes ready.
"""

from aiokafka.errors import KafkaError

from chassis.kafka.consumer import Consumer, Follower, Tail
from chassis.kafka.producer import Producer, PublishError, Sender
from chassis.kafka.records import UNREADABLE, Outgoing, Place, Record
from chassis.kafka.topics import PartitionsError, TopicSettings, create_topics, wait_until_ready

__all__ = [
    "UNREADABLE",
    "Consumer",
    "Follower",
    "KafkaError",
    "Outgoing",
    "PartitionsError",
    "Place",
    "Producer",
    "PublishError",
    "Record",
    "Sender",
    "Tail",
    "TopicSettings",
    "create_topics",
    "wait_until_ready",
]
