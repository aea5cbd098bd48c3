#!/bin/sh
exec java kafka.admin.ConfigCommand "$@"
