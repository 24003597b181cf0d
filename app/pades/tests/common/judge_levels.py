"""Judges the levels of a signed PDF with pyHanko, after ETSI EN 319 102-1 and as PDF readers do.

Arguments: file, the user authority, the time authority (both PEM), time to judge at (unix seconds), and revocation lists (DER) that are known
besides. Prints one line a signature: field, result of
the validation with long-term data (AdES LTA), the best signature time, and of the plain validation whether it is intact, trusted and stamped;
then one line a document time stamp.
"""
import asyncio
import logging
import sys
from datetime import datetime, timezone

from asn1crypto import crl, ocsp
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import LocalKnowledge, PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

logging.disable(logging.CRITICAL)
path, people, time = sys.argv[1:4]
at = datetime.fromtimestamp(int(sys.argv[4]), tz=timezone.utc)
people, time = load_cert_from_pemder(people), load_cert_from_pemder(time)


def policy(root):
    trust = SimpleTrustManager.build(trust_roots=[root])
    return CertValidationPolicySpec(trust_manager=trust, revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, freshness_req_type=FreshnessReqType.DEFAULT))


known = LocalKnowledge(known_crls=[CRLContainer(crl.CertificateList.load(open(name, "rb").read())) for name in sys.argv[5:]])
spec = PdfSignatureValidationSpec(
    SignatureValidationSpec(cert_validation_policy=policy(people), ts_cert_validation_policy=policy(time), local_knowledge=known)
)
timing = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=True)


def context(root, reader):
    """What a reader has who trusts the authority and takes the rest from the file."""
    certificates, lists, responses = [], [], []
    if "/DSS" in reader.root:
        store = DocumentSecurityStore.read_dss(reader)
        certificates = list(store.load_certs())
        lists = [crl.CertificateList.load(item.get_object().data) for item in store.crls]
        responses = [ocsp.OCSPResponse.load(item.get_object().data) for item in store.ocsps]
    return ValidationContext(
        trust_roots=[root], other_certs=certificates, crls=lists, ocsps=responses, allow_fetching=False, moment=at, retroactive_revinfo=True
    )


with open(path, "rb") as file:
    reader = PdfFileReader(file)
    for signature in reader.embedded_regular_signatures:
        result = asyncio.run(ades_lta_validation(signature, spec, timing_info=timing))
        plain = validate_pdf_signature(signature, signer_validation_context=context(people, reader), ts_validation_context=context(time, reader))
        stamp = plain.timestamp_validity
        print(
            signature.field_name,
            result.ades_subindic.name if hasattr(result.ades_subindic, "name") else result.ades_subindic,
            int(result.best_signature_time.timestamp()),
            "intact" if plain.intact and plain.valid else "broken",
            "trusted" if plain.trusted else "untrusted",
            "stamped" if stamp and stamp.valid and stamp.trusted else "unstamped",
            plain.modification_level.name if plain.modification_level else "NONE",
        )
    for signature in reader.embedded_timestamp_signatures:
        plain = validate_pdf_timestamp(signature, validation_context=context(time, reader))
        print(signature.field_name, "valid" if plain.valid and plain.intact else "broken", "trusted" if plain.trusted else "untrusted", plain.coverage.name)
