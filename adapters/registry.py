"""Table of all dialects, by the name that registry entries use."""

from collections.abc import Mapping

from adapters import messages
from adapters.action_logement import json as action_logement_json
from adapters.ars import fhir as ars_fhir
from adapters.bailleur import xml as bailleur_xml
from adapters.bdos import fichiers as bdos_fichiers
from adapters.bdos import json as bdos_json
from adapters.cloudevents import json as cloudevents_json
from adapters.contingent import json as contingent_json
from adapters.declaration import Declaration, Dialecte, as_data
from adapters.etat import json as etat_json
from adapters.hebergement import json as hebergement_json
from adapters.prescripteur import json as prescripteur_json
from adapters.si_siao import fiches as si_siao_fiches
from adapters.si_siao import json as si_siao_json
from adapters.sne import xml as sne_xml
from adapters.spip import json as spip_json
from adapters.spip import xml as spip_xml
from adapters.tabulaire.dialecte import Tabulaire, declared, dialects
from adapters.tabulaire.profils import profils
from adapters.veille_sociale import json as veille_sociale_json
from contracts.partner import Partner

TABULAIRES: Mapping[str, Tabulaire] = dialects(profils())
"""Dialects of CSV and workbooks, by name. Each consists of its column profiles."""

_MODULES: tuple[Dialecte, ...] = (
    hebergement_json,
    bailleur_xml,
    si_siao_json,
    prescripteur_json,
    veille_sociale_json,
    spip_json,
    contingent_json,
    etat_json,
    action_logement_json,
    bdos_json,
    bdos_fichiers,
    ars_fhir,
    cloudevents_json,
    si_siao_fiches,
    spip_xml,
    sne_xml,
)

ADAPTERS: Mapping[str, Dialecte] = {
    **TABULAIRES,
    **{module.DECLARATION.nom: module for module in _MODULES},
}

EVENTS_IN_JSON: Mapping[str, messages.Dialecte] = {
    module.DECLARATION.nom: module.DIALECTE for module in _MODULES if hasattr(module, "DIALECTE")
}
"""Dialects of events in JSON, by name."""


def declaration(nom: str, profil: str | None = None) -> Declaration:
    """Return the description of the dialect `nom` for partners with the column profile `profil`. If the
    dialect has no profile of this name, or `profil` is None, return the description of the whole dialect."""
    page = TABULAIRES[nom].profils.get(profil or "") if nom in TABULAIRES else None
    return ADAPTERS[nom].DECLARATION if page is None else declared(page)


def declaration_for(partner: Partner, nom: str) -> Declaration:
    """Return the description of the dialect `nom` as the partner uses it. If the partner's registry entry has
    a column profile, the description is for this profile. Raises Misconfigured for a faulty profile."""
    page = TABULAIRES[nom].profil_nomme(partner) if nom in TABULAIRES else None
    return ADAPTERS[nom].DECLARATION if page is None else declared(page)


def dialects_as_data() -> list[dict[str, object]]:
    """Return the descriptions of all dialects, ready for JSON, sorted by the dialects' names."""
    return [as_data(ADAPTERS[nom].DECLARATION) for nom in sorted(ADAPTERS)]
