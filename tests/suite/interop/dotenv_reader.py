"""Reads .env files with python-dotenv, as load_dotenv(override=False) does: one path a line on standard
input, one answer a line on standard output. The first line is the environment, as JSON."""

import io
import json
import logging
import os
import sys

from dotenv.main import DotEnv
from dotenv.parser import parse_stream

logging.disable(logging.CRITICAL)
environment = json.loads(sys.stdin.readline())
os.environ.clear()
os.environ.update(environment)
for line in sys.stdin:
    path = json.loads(line)
    values = DotEnv(path, encoding="utf-8", override=False).dict()
    with open(path, encoding="utf-8") as stream:
        bad = sum(binding.error for binding in parse_stream(stream))
    print(json.dumps({"values": list(values.items()), "bad": bad}), flush=True)
