"""pyHanko's side of the figures in README.md. Argument: the folder of `core make`. Answers lines `measure pages seconds` with JSON.

The processor's seconds are those of the whole process. Everything that can be read once (keys, lists, trust) is read once.
"""
import io
import json
import logging
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from asn1crypto import crl
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext

# it remarks on every stamp
logging.disable(logging.WARNING)
FOLDER = Path(sys.argv[1])
NOW = datetime.fromtimestamp(1_795_392_000, timezone.utc)
ROOT = load_cert_from_pemder(str(FOLDER / "root.pem"))
LIST = crl.CertificateList.load((FOLDER / "root.crl").read_bytes())
SIGNER = signers.SimpleSigner.load(str(FOLDER / "signer.key.pem"), str(FOLDER / "signer.pem"), ca_chain_files=(str(FOLDER / "root.pem"),))
META = signers.PdfSignatureMetadata(field_name="head", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason="EXP-2026-000123")
# the seal: two lines of text in a frame
STYLE = TextStampStyle(stamp_text="Signed by %(signer)s\n%(ts)s", border_width=2)


def file(name):
    return (FOLDER / name).read_bytes()


FILES = {pages: {"plain": file(f"{pages}.pdf"), "twice": file(f"{pages}-twice.pdf")} for pages in ("1", "20")}


def context():
    return ValidationContext(trust_roots=[ROOT], crls=[LIST], allow_fetching=False, revocation_mode="hard-fail", moment=NOW)


def sign(pages):
    writer = IncrementalPdfFileWriter(io.BytesIO(FILES[pages]["plain"]))
    signer = signers.PdfSigner(META, signer=SIGNER, stamp_style=STYLE)
    return len(signer.sign_pdf(writer, existing_fields_only=True).getvalue())


def judge(signature):
    status = validate_pdf_signature(signature, signer_validation_context=context())
    assert status.bottom_line, status.summary()
    return status


def validate_one(pages):
    """One signature, one later revision to compare: as much as the server looks at when it takes a revision."""
    first = PdfFileReader(io.BytesIO(FILES[pages]["twice"])).embedded_signatures[0]
    assert judge(first).modification_level.name == "FORM_FILLING"


def verify(pages):
    for signature in PdfFileReader(io.BytesIO(FILES[pages]["twice"])).embedded_signatures:
        judge(signature)


MEASURES = {"sign": sign, "accept": validate_one, "verify": verify}

for line in sys.stdin:
    measure, pages, seconds = line.split()
    work = MEASURES[measure]
    work(pages)
    began, count = time.process_time(), 0
    while time.process_time() - began < float(seconds):
        work(pages)
        count += 1
    print(json.dumps({"count": count, "cpu": time.process_time() - began}), flush=True)
