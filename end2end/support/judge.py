"""Judges a signed PDF with pyHanko: every signature intact, trusted against the given CA, and the whole file covered, by the last signature or by
the document time stamp that follows it.

usage: judge.py CA.pem FILE.pdf EXPECTED_SIGNATURES
Prints one JSON object; exit status 0 only when everything holds.
"""
import json
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def certificates(path):
    with open(path, "rb") as file:
        return [x509.Certificate.load(der) for _, _, der in pem.unarmor(file.read(), multiple=True)]


def main():
    authority, path, expected = sys.argv[1], sys.argv[2], int(sys.argv[3])
    given = certificates(authority)
    # Roots are trusted; issuing certificates only lead there.
    roots = [one for one in given if one.self_issued]
    others = [one for one in given if not one.self_issued]
    context = ValidationContext(trust_roots=roots, other_certs=others, allow_fetching=False)
    found, problems = [], []
    with open(path, "rb") as file:
        reader = PdfFileReader(file)
        signatures = reader.embedded_regular_signatures
        closing = reader.embedded_signatures[-1].field_name if signatures else None
        for signature in signatures:
            status = validate_pdf_signature(signature, context)
            coverage = signature.evaluate_signature_coverage()
            entry = {
                "field": signature.field_name,
                "signer": signature.signer_cert.subject.native.get("common_name"),
                "valid": bool(status.valid),
                "intact": bool(status.intact),
                "trusted": bool(status.trusted),
                "bottom_line": bool(status.bottom_line),
                "coverage": coverage.name,
                "modification": getattr(status.modification_level, "name", str(status.modification_level)),
                "subfilter": str(signature.sig_object["/SubFilter"]),
            }
            found.append(entry)
            wanted = SignatureCoverageLevel.ENTIRE_FILE if signature.field_name == closing else SignatureCoverageLevel.ENTIRE_REVISION
            if not (status.bottom_line and status.trusted and coverage == wanted):
                problems.append(entry)
        for stamp in reader.embedded_timestamp_signatures:
            covered = stamp.evaluate_signature_coverage()
            if stamp.field_name == closing and covered != SignatureCoverageLevel.ENTIRE_FILE:
                problems.append({"field": stamp.field_name, "coverage": covered.name})
    if len(found) != expected:
        problems.append({"expected": expected, "found": len(found)})
    print(json.dumps({"signatures": found, "problems": problems}, ensure_ascii=False))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
