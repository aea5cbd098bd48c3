#!/bin/sh
set -eu
java kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config \
    --final-configs-dir /opt/kafka/config || [ -e /var/lib/kafka/data/meta.properties ] # déjà formaté : il redémarre
exec java kafka.Kafka /opt/kafka/config/server.properties
