package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheEmulatorFindsAnIssuerByItsMapAndBelievesItsCA(t *testing.T) {
	for host, code := range map[string]int{issuerHost: 0, "other.adit.test": exitRefused} {
		d := newDesk(t)
		address, authority := d.publish()
		ca := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(ca, authority, 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := (&emulatorCmd{Map: map[string]string{host: address}, CA: ca}).emulator()
		if err != nil {
			t.Fatal(err)
		}
		d.in(e, e.DefaultKey())
		d.serve()
		d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)
		d.adit("aws", "setup", "prod", "--yes").exits(code)
	}
}

func TestFaultyIssuersOfTheEmulatorAreToldAtOnce(t *testing.T) {
	d := newDesk(t)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.adit("emulator", "--ca", "nowhere.pem").exits(3).tells("--ca")
	d.adit("emulator", "--ca", empty).exits(3).tells("contains no PEM certificate")
	d.adit("emulator", "--map", "issuer.adit.test").exits(2)
	d.adit("emulator", "--map", "issuer.adit.test=nonsense").exits(2)
}
