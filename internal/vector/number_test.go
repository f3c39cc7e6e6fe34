package vector_test

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/vector"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBase64HoldsTheSameNumbersAsTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Float32Range(-2, 2), 0, 600).Draw(t, "numbers")
		gap := rapid.SampledFrom([]string{",", ", ", " ,\n"}).Draw(t, "gap")
		parts := make([]string, len(want))
		for i, f := range want {
			parts[i] = strings.ToUpper(strconv.FormatFloat(float64(f), 'g', -1, 32))
		}
		text, n, _, err := vector.Scan([]byte("[" + strings.Join(parts, gap) + "]"))
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := text.AppendBase64([]byte("before:"), n)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(encoded), "before:"))
		if err != nil {
			t.Fatal(err)
		}
		fromBase64, err := vector.FromLittleEndian(raw)
		if err != nil {
			t.Fatal(err)
		}
		fromText, err := text.AppendFloat32s([]float32{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, fromBase64); diff != "" && len(want) > 0 {
			t.Errorf("base64 (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(fromBase64, fromText); diff != "" {
			t.Errorf("floats (-base64 +text):\n%s", diff)
		}
	})
}

func TestAWrongCountIsAnErrorAndLeavesTheDestinationAlone(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 3, 1 << 40} {
		dst, err := vector.Text("[1,2]").AppendBase64([]byte("kept"), n)
		if err == nil || string(dst) != "kept" {
			t.Errorf("n = %d: %q, %v", n, dst, err)
		}
	}
}

func TestTextThatIsNoVectorIsAnErrorThatNamesTheElement(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "element 0: not a JSON array of numbers",
		"canary":            "element 0: not a JSON array of numbers",
		"[1,canary]":        "element 1: not a JSON number",
		"[1,2":              "element 2: not a JSON array of numbers",
		"[1 2]":             "element 1: not a JSON array of numbers",
		"[1]canary":         "element 1: not a JSON array of numbers",
		"[1,]":              "element 1: not a JSON number",
		"[0,1,1e39]":        "element 2: number out of the range of float32",
		"[" + "-01" + "]":   "element 0: not a JSON number",
		"[1,2,3.]":          "element 2: not a JSON number",
		"[1,2,3e]":          "element 2: not a JSON number",
		"[0.12345678canary": "element 1: not a JSON array of numbers",
	} {
		dst, err := vector.Text(text).AppendFloat32s([]float32{7})
		if err == nil || err.Error() != want {
			t.Errorf("AppendFloat32s of %q: %v, want %s", text, err, want)
		}
		if diff := cmp.Diff([]float32{7}, dst); diff != "" {
			t.Errorf("the destination changed (-want +got):\n%s", diff)
		}
		if _, err := vector.Text(text).AppendBase64(nil, min(3, len(text))); err == nil {
			t.Errorf("AppendBase64 of %q: no error", text)
		}
	}
}

func TestLittleEndianBytesThatAreNoVectorAreRefused(t *testing.T) {
	infinity := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.Inf(1))))
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	for name, b := range map[string][]byte{"three bytes": {1, 2, 3}, "infinity": infinity, "NaN": nan} {
		if v, err := vector.FromLittleEndian(b); err == nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestANormalisedVectorHasLengthOneAndItsOwnDirection(t *testing.T) {
	v := []float32{3, 0, -4}
	if !vector.Normalise(v) {
		t.Error("a vector with a direction is reported as having none")
	}
	if diff := cmp.Diff([]float32{0.6, 0, -0.8}, v); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	huge := []float32{math.MaxFloat32, math.MaxFloat32}
	if !vector.Normalise(huge) || math.Abs(float64(vector.Dot(huge, huge))-1) > 1e-6 {
		t.Errorf("large components overflow: %v", huge)
	}
}

func TestAVectorWithoutDirectionStaysAndIsReported(t *testing.T) {
	for _, v := range [][]float32{{0, 0}, {}, {1, float32(math.Inf(1))}} {
		before := append([]float32{}, v...)
		if vector.Normalise(v) {
			t.Errorf("%v is said to be normalised", before)
		}
		if diff := cmp.Diff(before, v); diff != "" {
			t.Errorf("it changed (-want +got):\n%s", diff)
		}
	}
}

func TestVectorsOfDifferentDimensionsHaveNoProduct(t *testing.T) {
	if got := vector.Dot([]float32{1, 2}, []float32{3, 4}); got != 11 {
		t.Errorf("Dot = %v, want 11", got)
	}
	if got := vector.Dot([]float32{1, 2}, []float32{3}); !math.IsNaN(float64(got)) {
		t.Errorf("Dot of different dimensions = %v, want NaN", got)
	}
}
