"""Checks a PDF against a list of the rules of PDF/A-2b (ISO 19005-2) and prints one line a violation: rule, where, what.

Not a full validator: there is none that runs here without Java. The rules are those that a program which adds pages' stamps, signature fields,
seals and metadata can break. `--prove FILE` breaks a good file in a dozen ways, each in memory, and prints the rules that were found broken.
"""
import io
import re
import sys
import xml.dom.minidom

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from pyhanko.pdf_utils.reader import PdfFileReader

OPERATORS = set(
    "q Q cm w J j M d ri i gs m l c v y h re S s f F f* B B* b b* n W W* BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* Tj TJ ' \" d0 d1 CS cs SC SCN sc "
    "scn G g RG rg K k sh BI ID EI INLINE IMAGE Do MP DP BMC BDC EMC BX EX".split()
)
DEVICE = {"g": "Gray", "G": "Gray", "rg": "RGB", "RG": "RGB", "k": "CMYK", "K": "CMYK"}
ANNOTATIONS = set(
    "Text Link FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut Stamp Caret Ink Popup FileAttachment Widget "
    "PrinterMark TrapNet Watermark Redact".split()
)
FORBIDDEN_ACTIONS = set(
    "Launch Sound Movie ResetForm ImportData Hide SetOCGState Rendition Trans GoTo3DView JavaScript".split()
)
KNOWN_NAMESPACES = {
    "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/xap/1.0/", "http://ns.adobe.com/xap/1.0/mm/", "http://ns.adobe.com/xap/1.0/rights/",
    "http://ns.adobe.com/xap/1.0/t/pg/", "http://ns.adobe.com/pdf/1.3/", "http://www.aiim.org/pdfa/ns/id/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "adobe:ns:meta/", "http://www.aiim.org/pdfa/ns/extension/", "http://www.aiim.org/pdfa/ns/schema#", "http://www.aiim.org/pdfa/ns/property#",
    "http://www.aiim.org/pdfa/ns/type#", "http://www.aiim.org/pdfa/ns/field#", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
}
BLEND = set(
    "Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight Difference Exclusion Hue Saturation Color Luminosity".split()
)


def judge(raw):
    """All violations of the file as (rule, where, what)."""
    found = []
    say = lambda rule, where, what: found.append((rule, where, what))
    structure(raw, say)
    pdf = pikepdf.open(io.BytesIO(raw))
    root = pdf.Root
    metadata(root, say)
    catalog(root, say)
    intent = output_intent(root, say)
    for number, thing in enumerate(pdf.objects):
        general(thing, f"object {number + 1}", say)
    for number, page in enumerate(pdf.pages, 1):
        where = f"page {number}"
        box = [float(side) for side in page.mediabox]
        if not all(3 <= abs(box[n + 2] - box[n]) <= 14400 for n in (0, 1)):
            say("6.1.13", where, "page size out of bounds")
        content(page.obj, inherited(page.obj, "/Resources"), where, intent, say, set())
        if transparent(page.obj) and intent is None and "/CS" not in (page.obj.get("/Group") or {}):
            say("6.2.10", where, "transparency without a blending colour space")
        for annotation in page.obj.get("/Annots", []):
            widget(annotation, where, intent, say)
    signatures(raw, pdf, say)
    PdfFileReader(io.BytesIO(raw)).root  # pyHanko's reader is strict about tables
    return found


def structure(raw, say):
    lines = raw[:64].split(b"\n")
    if not re.match(rb"%PDF-1\.[0-7]\r?$", lines[0]):
        say("6.1.2", "header", "no %PDF-1.n on the first line")
    if not (lines[1].startswith(b"%") and len(lines[1]) >= 5 and all(byte > 127 for byte in lines[1][1:5])):
        say("6.1.2", "header", "no comment of four bytes above 127")
    if not re.search(rb"%%EOF[\r\n]{0,2}$", raw):
        say("6.1.3", "trailer", "data after the last %%EOF")
    for place in re.finditer(rb"(?<!start)xref", raw):
        if not re.match(rb"xref(\r\n|\n|\r)\d+ \d+ ?(\r\n|\n|\r)", raw[place.start() :]) and raw[place.start() - 1 : place.start()] in b"\r\n":
            say("6.1.4", f"byte {place.start()}", "xref and its section are not parted by one line end")
    for trailer in re.finditer(rb"trailer\s*<<(.*?)>>\s*startxref", raw, re.S):
        if b"/ID" not in trailer.group(1) or b"/Encrypt" in trailer.group(1):
            say("6.1.3", f"byte {trailer.start()}", "a trailer without /ID, or an encrypted file")


def metadata(root, say):
    stream = root.get("/Metadata")
    if stream is None:
        return say("6.6.2.1", "catalogue", "no metadata")
    text = stream.read_bytes()
    if re.match(rb"<\?xpacket[^>]*\b(bytes|encoding)=", text):
        say("6.6.2.1", "metadata", "the packet's header names bytes or encoding")
    document = xml.dom.minidom.parseString(text)
    value = lambda name: "".join(node.firstChild.data for node in document.getElementsByTagName(name) if node.firstChild)
    if value("pdfaid:part") != "2" or value("pdfaid:conformance") not in ("B", "U", "A"):
        say("6.6.4", "metadata", "the file does not say that it is PDF/A-2")
    described = {node.firstChild.data for node in document.getElementsByTagName("pdfaSchema:namespaceURI")}
    for node in document.getElementsByTagName("*"):
        if node.namespaceURI not in KNOWN_NAMESPACES | described:
            say("6.6.2.3", "metadata", f"{node.tagName} is in no known or described schema")


def catalog(root, say):
    for key in ("/AA", "/NeedsRendering", "/Requirements"):
        if key in root:
            say("6.4/6.5", "catalogue", f"{key}")
    form = root.get("/AcroForm")
    if form is not None and ("/XFA" in form or form.get("/NeedAppearances", False)):
        say("6.4.1", "form", "XFA or NeedAppearances")
    if "/EmbeddedFiles" in (root.get("/Names") or {}):
        say("6.8", "catalogue", "embedded files")
    for key in root.get("/Perms") or {}:
        if key not in ("/UR3", "/DocMDP"):
            say("6.1.12", "catalogue", f"permission {key}")


def output_intent(root, say):
    """Gray, RGB or CMYK: what the destination profile speaks."""
    profiles = set()
    space = None
    for intent in root.get("/OutputIntents", []):
        profile = intent.get("/DestOutputProfile")
        if intent.S != Name.GTS_PDFA1 or profile is None:
            continue
        profiles.add(profile.objgen)
        header = profile.read_bytes()[:128]
        space = {b"GRAY": "Gray", b"RGB ": "RGB", b"CMYK": "CMYK"}.get(header[16:20])
        if header[12:16] not in (b"prtr", b"mntr") or header[8] > 4 or header[36:40] != b"acsp" or space is None:
            say("6.2.3", "output intent", "no output or monitor profile of ICC version 4 or less")
        if {"Gray": 1, "RGB": 3, "CMYK": 4}.get(space) != int(profile.N):
            say("6.2.3", "output intent", "/N is not the profile's")
    if len(profiles) > 1:
        say("6.2.3", "output intent", "two profiles")
    return space


def general(thing, where, say):
    for part in walk(thing):
        if isinstance(part, (Dictionary, Stream)):
            if part.get("/Type") == Name.Action or ("/S" in part and str(part.get("/S"))[1:] in FORBIDDEN_ACTIONS and "/Type" not in part):
                if str(part.get("/S"))[1:] in FORBIDDEN_ACTIONS:
                    say("6.5.1", where, f"action {part.S}")
                if part.get("/S") == Name.Named and str(part.get("/N")) not in ("/NextPage", "/PrevPage", "/FirstPage", "/LastPage"):
                    say("6.5.1", where, f"named action {part.get('/N')}")
            if "/EF" in part:
                say("6.8", where, "an embedded file")
            if part.get("/Type") == Name.Font:
                font(part, where, say)
            if part.get("/Type") == Name.ExtGState or ("/BM" in part and "/Type" not in part):
                state(part, where, say)
        if isinstance(part, Stream):
            for key in ("/F", "/FFilter", "/FDecodeParms"):
                if key in part:
                    say("6.1.7.1", where, f"{key}: data outside the file")
            filters = part.get("/Filter", Array([]))
            names = [str(name) for name in (filters if isinstance(filters, Array) else [filters])]
            if {"/LZWDecode", "/Crypt"} & set(names):
                say("6.1.7.2", where, "a filter that is not allowed")
            if part.get("/Subtype") == Name.Form and any(key in part for key in ("/OPI", "/PS", "/Ref", "/Subtype2")):
                say("6.2.9", where, "a form XObject with OPI, PS, Ref or Subtype2")
            if part.get("/Subtype") == Name.Image and ("/Alternates" in part or "/OPI" in part or part.get("/Interpolate", False)):
                say("6.2.8", where, "an image with alternates, OPI or interpolation")
        if isinstance(part, pikepdf.String) and len(bytes(part)) > 32767:
            say("6.1.13", where, "a string of more than 32767 bytes")
        if isinstance(part, Name) and len(str(part)) > 128:
            say("6.1.13", where, "a name of more than 127 bytes")


def walk(thing, depth=0):
    """The object and what stands inside it; references are objects of their own."""
    yield thing
    inside = thing.values() if isinstance(thing, (Dictionary, Stream)) else thing if isinstance(thing, Array) else []
    for part in inside:
        if isinstance(part, pikepdf.Object) and part.is_indirect and depth >= 0:
            continue
        if depth < 30:
            yield from walk(part, depth + 1)


def font(part, where, say):
    if part.get("/Subtype") == Name.Type3 or part.get("/Subtype") == Name.Type0:
        if part.get("/Subtype") == Name.Type0:
            encoding = part.get("/Encoding")
            if isinstance(encoding, Name) and str(encoding) not in ("/Identity-H", "/Identity-V"):
                say("6.2.11.3.3", where, "a CMap that is neither embedded nor Identity")
        return
    descriptor = part.get("/FontDescriptor")
    if descriptor is None or not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
        say("6.2.11.4", where, f"the font {part.get('/BaseFont')} is not embedded")
    if part.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in part:
        say("6.2.11.3.2", where, "a CIDFontType2 without CIDToGIDMap")


def state(part, where, say):
    if "/TR" in part or part.get("/TR2", Name.Default) != Name.Default or "/HTP" in part:
        say("6.2.5", where, "a transfer function or halftone origin")
    modes = part.get("/BM", Name.Normal)
    for mode in modes if isinstance(modes, Array) else [modes]:
        if str(mode)[1:] not in BLEND:
            say("6.2.10", where, f"blend mode {mode}")


def inherited(page, key):
    while page is not None:
        if key in page:
            return page[key]
        page = page.get("/Parent")
    return Dictionary()


def content(holder, resources, where, intent, say, seen):
    """Operators and colours of a page or form, and of the forms, patterns and glyphs that it draws."""
    resources = resources if resources is not None else Dictionary()
    spaces = resources.get("/ColorSpace") or Dictionary()

    def device(kind):
        allowed = intent == kind or (kind == "Gray" and intent is not None) or f"/Default{kind}" in spaces
        if not allowed:
            say("6.2.4.3", where, f"Device{kind} without a fitting output intent or /Default{kind}")

    def space(value):
        if isinstance(value, Name):
            name = str(value)
            if name.startswith("/Device"):
                return device(name[7:])
            if name in spaces:
                return space(spaces[name])
            return None
        if isinstance(value, Array) and len(value):
            if str(value[0]) in ("/Indexed", "/Pattern") and len(value) > 1:
                return space(value[1])
            if str(value[0]) in ("/Separation", "/DeviceN"):
                return space(value[2])
        return None

    depth = 0
    for operands, operator in pikepdf.parse_content_stream(holder):
        name = str(operator)
        if name not in OPERATORS:
            say("6.2.2", where, f"operator {name}")
        if name in DEVICE:
            device(DEVICE[name])
        if name in ("cs", "CS"):
            space(operands[0])
        depth += (name == "q") - (name == "Q")
        if depth > 28 or depth < 0:
            say("6.1.13", where, "q and Q nested too deep, or Q without q")
        if name == "ri" and str(operands[0]) not in ("/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"):
            say("6.2.6", where, "rendering intent")
        if name in ("Do", "gs", "sh", "scn") and operands and isinstance(operands[-1], Name) and name == "Do":
            if operands[0] not in (resources.get("/XObject") or {}):
                say("6.2.2", where, f"{operands[0]} is not in the resources")
    for shading in (resources.get("/Shading") or Dictionary()).values():
        space(shading.get("/ColorSpace"))
    inner = list((resources.get("/XObject") or Dictionary()).values()) + list((resources.get("/Pattern") or Dictionary()).values())
    for part in inner:
        if not isinstance(part, Stream) or part.objgen in seen:
            continue
        seen.add(part.objgen)
        if part.get("/Subtype") == Name.Image:
            if not part.get("/ImageMask", False) and part.get("/ColorSpace") is not None:
                space(part.ColorSpace)
        else:
            content(part, part.get("/Resources", resources), f"{where}, {part.objgen[0]} 0 R", intent, say, seen)


def transparent(page):
    states = (inherited(page, "/Resources").get("/ExtGState") or Dictionary()).values()
    return any(float(state.get(key, 1)) < 1 for state in states for key in ("/ca", "/CA")) or any("/SMask" in state for state in states)


def widget(annotation, where, intent, say):
    kind = str(annotation.get("/Subtype"))[1:]
    where = f"{where}, annotation {annotation.get('/T', kind)}"
    if kind not in ANNOTATIONS:
        say("6.3.1", where, f"annotation of type {kind}")
    if kind != "Popup":
        flags = int(annotation.get("/F", 0))
        if not flags & 4 or flags & (1 | 2 | 32 | 256):
            say("6.3.2", where, f"flags {flags}: not printed, or hidden")
    if kind == "Widget" and ("/A" in annotation or "/AA" in annotation):
        say("6.4.1", where, "a widget with an action")
    appearance = annotation.get("/AP")
    box = [float(side) for side in annotation.Rect]
    if kind not in ("Popup", "Link") and box[0] != box[2] and box[1] != box[3]:
        if appearance is None:
            return say("6.3.3", where, "no appearance")
        if set(appearance.keys()) != {"/N"}:
            say("6.3.3", where, "an appearance with more than /N")
        if not isinstance(appearance.N, Stream):
            say("6.3.3", where, "the appearance is no stream")
        else:
            content(appearance.N, appearance.N.get("/Resources"), where, intent, say, set())


def signatures(raw, pdf, say):
    ends = []
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and "/ByteRange" in thing:
            first, before, after, rest = (int(part) for part in thing.ByteRange)
            gap = raw[before:after]
            if first != 0 or not re.fullmatch(rb"<[0-9A-Fa-f]*>", gap) or not re.match(rb"[\r\n]*$", raw[after + rest :]) and after + rest not in eofs(raw):
                say("6.4.3", "signature", "the byte range leaves out more than /Contents")
            ends.append(after + rest)
    return ends


def eofs(raw):
    return {place.end() for place in re.finditer(rb"%%EOF(\r\n|\n|\r)?", raw)}


def prove(raw):
    """The rules found broken after each of these breaks."""

    def broken(change):
        pdf = pikepdf.open(io.BytesIO(raw))
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        return sorted({rule for rule, *_ in judge(out.getvalue())})

    def field(pdf):
        return next(annotation for page in pdf.pages for annotation in page.obj.get("/Annots", []) if "/V" in annotation)

    def seal(pdf, **changes):
        for key, value in changes.items():
            field(pdf).AP.N[f"/{key}"] = value

    def no_intent(pdf):
        if "/OutputIntents" in pdf.Root:
            del pdf.Root.OutputIntents

    def bare_colours(pdf):
        no_intent(pdf)
        seal(pdf, Resources=Dictionary())

    def unembedded(pdf):
        for thing in pdf.objects:
            if isinstance(thing, Dictionary) and thing.get("/Type") == Name.FontDescriptor:
                for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                    if key in thing:
                        del thing[key]

    breaks = {
        "flags": lambda pdf: field(pdf).__setitem__("/F", 130),
        "down": lambda pdf: field(pdf).AP.__setitem__("/D", field(pdf).AP.N),
        "action": lambda pdf: field(pdf).__setitem__("/AA", Dictionary()),
        "script": lambda pdf: pdf.Root.__setitem__("/OpenAction", Dictionary(S=Name.JavaScript, JS="x")),
        "appearances": lambda pdf: pdf.Root.AcroForm.__setitem__("/NeedAppearances", True),
        "colours": bare_colours,
        "fonts": unembedded,
        "claim": lambda pdf: pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(b"<pdfaid:part>2", b"<pdfaid:part>9")),
        "schema": lambda pdf: pdf.Root.Metadata.write(
            pdf.Root.Metadata.read_bytes().replace(b"<xmp:CreateDate>", b'<x:own xmlns:x="urn:own">1</x:own><xmp:CreateDate>')
        ),
        "reference": lambda pdf: seal(pdf, Ref=Dictionary()),
        "operator": lambda pdf: field(pdf).AP.N.write(b"q 1 2 3 foo Q"),
    }
    for name, change in breaks.items():
        print(name, *broken(change))


if __name__ == "__main__":
    if sys.argv[1] == "--prove":
        prove(open(sys.argv[2], "rb").read())
    else:
        for line in judge(open(sys.argv[1], "rb").read()):
            print(*line, sep=" | ")
