package signing_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
)

func BenchmarkSign(b *testing.B) {
	for _, algorithm := range []string{signing.RS256, signing.ES256} {
		b.Run(algorithm, func(b *testing.B) {
			signer, _, err := signingtest.NewSigner(b.Context(), signing.Settings{Algorithm: algorithm})
			if err != nil {
				b.Fatal(err)
			}
			payload := make([]byte, 300)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := signer.Sign(b.Context(), signing.DefaultIssuer, payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
