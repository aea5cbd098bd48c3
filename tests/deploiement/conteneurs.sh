# Joué par conteneurs.py, dans une copie du dépôt. IMAGE, SECRETS et CLES sont les commandes des pages, mot à mot.
set -euxo pipefail
PS4='+ ${SECONDS}s '

docker() {
    if [ "$1" = compose ]; then "$UV" tool run --quiet podman-compose==1.6.0 "${@:2}"; else podman "$@"; fi
}
compose() { docker compose -f deploy/compose.yaml "$@"; }
sain() { until podman healthcheck run "siao-hub_$1_1"; do sleep 1; done; }
trap 'compose --profile sauvegarde down --volumes' EXIT

"$UV" tool run --quiet kubernetes-validate --strict deploy/kubernetes/siao-hub.yaml
tar -C "$DEBIAN" -c . | podman import --change ENV=PIP_BREAK_SYSTEM_PACKAGES=1 - localhost/debian
podman build --build-arg BASE=localhost/debian --tag docker.io/apache/kafka:4.3.1 "$FOLDER/kafka"
podman build --build-arg BASE=localhost/debian --tag docker.io/library/postgres:18 "$FOLDER/postgres"
eval "$IMAGE"
eval "$SECRETS"
eval "$CLES"

# « up -d » : chacun quand ceux d'avant vont bien ou ont fini, comme le dit depends_on.
for service in kafka postgres migration droits-postgres droits-kafka hub; do
    compose up -d --no-deps $service
    case $service in
        kafka | postgres | hub) sain $service ;;
        *) [ "$(podman wait siao-hub_${service}_1)" = 0 ] ;;
    esac
done
podman cp partners.toml siao-hub_hub_1:/tmp/
compose exec -T hub siao-hub partners apply --oui /tmp/partners.toml
python3 "$PLACE" 1

# Un autre compte que root, aucun privilège, rien à écrire hors de son état.
podman exec siao-hub_hub_1 sh -c '[ $(id -u) = 10001 ] && grep -q "CapEff:.0*$" /proc/self/status && ! touch /opt/essai'

init() { podman inspect --format '{{.State.Pid}}' siao-hub_hub_1; }
kill -KILL "$(init)"
python3 "$PLACE" 2
# Un de ses processus : un autre le remplace, et rien n'en reste.
kill -KILL "$(pgrep --newest --parent "$(pgrep --parent "$(init)")")"
python3 "$PLACE" 3
podman exec siao-hub_hub_1 sh -c '! grep -l "^State:.Z" /proc/[0-9]*/status'
compose stop hub
compose start hub
python3 "$PLACE" 4
compose exec -T hub siao-hub status

compose --profile sauvegarde up -d --no-deps sauvegarde
until podman exec siao-hub_sauvegarde_1 sh -c 'ls /sauvegardes/*.dump'; do sleep 1; done
