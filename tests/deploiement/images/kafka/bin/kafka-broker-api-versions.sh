#!/bin/sh
exec java org.apache.kafka.tools.BrokerApiVersionsCommand "$@"
