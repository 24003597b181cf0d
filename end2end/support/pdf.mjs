// A small PDF as an office program would make it: one A4 page with a line of text and a right cross-reference table.

/**
 * @param {string} text Latin letters only: the font is Helvetica
 * @param {{javascript?: boolean, enclosed?: {name: string, text: string}}} [options] `enclosed`: a file inside it, as an electronic invoice carries its data; Latin letters only
 * @returns {Buffer}
 */
export function pdf(text, options = {}) {
  const content = `BT /F1 18 Tf 72 760 Td (${text.replace(/[()\\]/g, '')}) Tj ET`;
  const { enclosed } = options;
  const names = enclosed ? ` /Names << /EmbeddedFiles << /Names [(${enclosed.name}) 6 0 R] >> >> /AF [6 0 R]` : '';
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R${names}${options.javascript ? ' /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>' : ''} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...(enclosed
      ? [
          `<< /Type /Filespec /F (${enclosed.name}) /UF (${enclosed.name}) /EF << /F 7 0 R >> /AFRelationship /Alternative >>`,
          `<< /Type /EmbeddedFile /Subtype /text#2Fxml /Length ${enclosed.text.length} >>\nstream\n${enclosed.text}\nendstream`,
        ]
      : []),
  ];
  let body = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f\r\n${offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n\r\n`).join('')}`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}
