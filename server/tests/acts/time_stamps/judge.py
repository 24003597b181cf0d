"""Judges the levels of a signed PDF with pyHanko, with nothing but what the file carries and the trusted certificates.

usage: judge.py CA.pem TSA.pem FILE.pdf|FOLDER LEVEL SIGNATURES UNIX-SECONDS
A folder stands for every PDF in it.
LEVEL is PAdES-B-T or PAdES-B-LTA. TSA.pem may be empty: then time stamps lead to the same trusted certificates.
B-T: every signature valid and trusted, its time stamp too. B-LTA: AdES validation with archival evidence (EN 319 102-1 §5.6.3), now and in five years, when the signers' certificates
have ended; revocation demanded for every certificate, nothing fetched. The last signature or document time stamp covers the whole file.
"""
import asyncio
import datetime
import glob
import json
import os
import sys
import traceback

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


def certificates(path):
    with open(path, "rb") as file:
        data = file.read()
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)] if data.strip() else []


def anchors(found):
    roots = [certificate for certificate in found if certificate.self_issued]
    return roots or found


def time_stamped(signature, ca, tsa, at):
    context = ValidationContext(trust_roots=anchors(ca), other_certs=ca, moment=at, allow_fetching=False)
    stamps = ValidationContext(trust_roots=anchors(tsa), other_certs=tsa, moment=at, allow_fetching=False)
    status = validate_pdf_signature(signature, context, ts_validation_context=stamps)
    stamp = status.timestamp_validity
    good = status.bottom_line and status.trusted and stamp is not None and stamp.valid and stamp.trusted
    return good, status.pretty_print_details()


def archival(signature, ca, tsa, at):
    policy = lambda found: CertValidationPolicySpec(SimpleTrustManager.build(anchors(found)), CertRevTrustPolicy(REQUIRE_REVINFO))
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(policy(ca), ts_cert_validation_policy=policy(tsa)))
    now = asyncio.run(ades_lta_validation(signature, spec, timing_info=ValidationTimingInfo(at, at, point_in_time_validation=True)))
    later = asyncio.run(simulate_future_ades_lta_validation(signature, spec, at + datetime.timedelta(days=1825), at))
    good = now.ades_subindic == AdESPassed.OK and later.ades_subindic == AdESPassed.OK
    return good, f"now {now.ades_subindic} {now.failure_msg}; in five years {later.ades_subindic} {later.failure_msg}"


def main():
    ca, tsa = certificates(sys.argv[1]), certificates(sys.argv[2])
    path, level, expected = sys.argv[3], sys.argv[4], int(sys.argv[5])
    at = datetime.datetime.fromtimestamp(int(sys.argv[6]) + 1, tz=datetime.timezone.utc)
    paths = sorted(glob.glob(os.path.join(path, "*.pdf"))) if os.path.isdir(path) else [path]
    bad = [path for path in paths if not passes(path, ca, tsa, level, expected, at)]
    return 1 if bad or not paths else 0


def passes(path, ca, tsa, level, expected, at):
    try:
        found = judged(path, ca, tsa, level, expected, at)
    except Exception:  # a file that cannot be read is judged as well
        found = {"problems": traceback.format_exc().splitlines()}
    print(json.dumps({"file": os.path.basename(path), **found}, indent=1, default=str))
    return not found["problems"]


def judged(path, ca, tsa, level, expected, at):
    problems = []
    with open(path, "rb") as file:
        reader = PdfFileReader(file)
        signatures = reader.embedded_regular_signatures
        for signature in signatures:
            # The first also says whether what came later was allowed, the second whether it holds when the certificates have ended.
            for judge in [time_stamped] + ([archival] if level == "PAdES-B-LTA" else []):
                valid, text = judge(signature, ca, tsa or ca, at)
                if not valid:
                    problems.append({"field": signature.field_name, "text": text})
        last = reader.embedded_signatures[-1]
        coverage = last.evaluate_signature_coverage()
        if coverage != SignatureCoverageLevel.ENTIRE_FILE:
            problems.append({"field": last.field_name, "coverage": coverage.name})
        stamps = len(reader.embedded_timestamp_signatures)
    if len(signatures) != expected:
        problems.append({"expected": expected, "found": len(signatures)})
    if level == "PAdES-B-LTA" and stamps == 0:
        problems.append("no document time stamp")
    return {"signatures": len(signatures), "document_time_stamps": stamps, "problems": problems}


if __name__ == "__main__":
    sys.exit(main())
