"""`tallystick serve`: the engine and its doors, until it is told to stop."""

import argparse
import signal
import sys

import trio

import tallystick
from tallystick.application import running
from tallystick.cli import installation
from tallystick.cli.collector import tune_collector
from tallystick.cli.switching import tune_switching
from tallystick.config import Settings
from tallystick.monitoring import logs_to
from tallystick.store import utc_now

HELP = "Run the engine, the API and the metrics of this installation."
EXAMPLE = "tallystick serve --config /etc/tallystick/tallystick.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    installation.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; then stop in order."""
    settings = installation.settings(arguments)
    tune_collector()
    tune_switching()
    trio.run(_serve, settings, installation.key(settings))
    return 0


async def _serve(settings: Settings, key: bytes) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with running(settings, key) as application:
            with logs_to(sys.stderr, application.telemetry, settings.logging, utc_now) as logs:
                print(f"API      {application.addresses.api_url}", flush=True)
                print(f"metrics  {application.addresses.metrics_url}", flush=True)
                logs.line("info", "engine.started", version=tallystick.__version__)
                await anext(aiter(signals))
                print("stopping", flush=True)
                logs.line("info", "engine.stopping")
