package signing

import (
	"strings"
	"testing"
)

func TestNoKidLooksLikeAFlag(t *testing.T) {
	for range 1000 {
		kid, _, _, err := generate(ES256)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(kid, "-") {
			t.Fatalf("adit issuer keys revoke %s would be read as a flag", kid)
		}
	}
}
