"""One authority, and one certificate with an RSA key for all names: some probes of the suite offer RSA alone."""

import subprocess

NAMES = "DNS:localhost.emobix.co.uk,DNS:op.test,DNS:localhost,IP:127.0.0.1"
EXTENSIONS = f"subjectAltName={NAMES}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n"


def issue(folder):
    """Makes `ca.crt`, `chain.crt` and `server.key` in the folder, unless they are there."""
    if (folder / "chain.crt").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extensions").write_text(EXTENSIONS)
    authority = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "90", "-subj", "/CN=conformance", *authority)
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost.emobix.co.uk")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "60", "-out", "server.crt", "-extfile", "extensions")
    (folder / "server.key").chmod(0o600)
    (folder / "chain.crt").write_bytes((folder / "server.crt").read_bytes() + (folder / "ca.crt").read_bytes())


def issue_to_client(folder, name):
    """Makes `NAME.crt` and `NAME.key` for a client that authenticates by certificate, unless they are there."""
    if (folder / f"{name}.crt").exists():
        return
    (folder / f"{name}.extensions").write_text(f"subjectAltName=DNS:{name}.test\nbasicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "60", "-out", f"{name}.crt", "-extfile", f"{name}.extensions")


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
