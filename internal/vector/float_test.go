package vector_test

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"github.com/adit-hq/adit/internal/vector"
)

// jsonNumber is the grammar of RFC 8259, section 6, for the reference.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// reference is the slow and certain way to parse a JSON number.
func reference(s string) (bits uint32, ok bool) {
	if !jsonNumber.MatchString(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 32)
	return math.Float32bits(float32(f)), err == nil
}

func checkAgainstStrconv(t *testing.T, s string) {
	t.Helper()
	want, ok := reference(s)
	got, err := vector.ParseFloat32([]byte(s))
	if (err == nil) != ok {
		t.Fatalf("ParseFloat32(%q): error %v, but strconv and the JSON grammar accept it: %v", s, err, ok)
	}
	if !ok {
		return
	}
	if math.Float32bits(got) != want {
		t.Fatalf("ParseFloat32(%q) = %x, strconv has %x", s, math.Float32bits(got), want)
	}
	// Inside a vector the quick way sees the bytes after the number too.
	inside, err := vector.Text("[" + s + ",0.99999999999999999999999]").AppendFloat32s(nil)
	if err != nil || len(inside) != 2 || math.Float32bits(inside[0]) != want || inside[1] != 1 {
		t.Fatalf("%q inside a vector is %v, %v; strconv has %x", s, inside, err, want)
	}
}

func TestEveryFormOfANumberIsParsedAsStrconvDoes(t *testing.T) {
	for _, s := range []string{
		"0", "-0", "0.0", "-0.0e0", "0e999", "0e-999", "1", "-1", "1E-4", "1.9264221E-4", "-5.41687E-4", "1e+2",
		"0.039306640625", "-0.012345678901234567", "3.4028235e38", "3.4028236e38", "1e39", "-1e400", "1e-400",
		"3.40282356779733661637539395458142568447e38", "3.40282356779733661637539395458142568448e38",
		"1.1754943508222875e-38", "1.1754942e-38", "1e-45", "7e-46", "7.1e-46",
		"16777217", "16777217.0000000000000000001", "1.00000005960464477539062500000000000001", "9007199254740993",
		"18446744073709551615", "18446744073709551616", "99999999999999999999", "0.00000000000000000000012345678901234567",
		"0.000000000000000000000000000000000000000000001", "1000000000000000000000000", "1e99999999999999999999",
		"123456789012345678901234567890e-20", "0.1e1", "12345678", "123456789", "1234567", "0.12345678", "0.1234567",
		"", "-", "+1", ".5", "5.", "01", "-01", "00", "1e", "1e+", "1.e1", "0x1p-2", "1_000", "Inf", "NaN", "nan", " 1", "1 ", "1,", "--1", "1.2.3", "1e5e5", "1e5.5", "12345678a", "1234567/", "1234567:", "\x80",
	} {
		checkAgainstStrconv(t, s)
	}
}

func TestFloat32OfAnyBitsComeBackFromEveryFormat(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	patterns := 5_000
	if testing.Short() {
		patterns = 500
	}
	var text []byte
	for range patterns {
		f := math.Float32frombits(random.Uint32())
		if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
			continue
		}
		for _, format := range []byte{'g', 'e', 'E', 'f'} {
			for precision := -1; precision <= 17; precision++ {
				text = strconv.AppendFloat(text[:0], float64(f), format, precision, 32)
				got, err := vector.ParseFloat32(text)
				want, wrong := strconv.ParseFloat(string(text), 32)
				if (err == nil) != (wrong == nil) || math.Float32bits(got) != math.Float32bits(float32(want)) && err == nil {
					t.Fatalf("ParseFloat32(%q) = %v, %v; strconv has %v, %v", text, got, err, want, wrong)
				}
			}
		}
	}
}

// Decimal numbers next to the point midway between two float32 are where a
// second rounding goes wrong.
func TestNumbersMidwayBetweenTwoFloat32AreRoundedOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3_000 {
		// The exponents of components of a unit vector and some around them,
		// and 0, where float32 has fewer bits than usual.
		exponent := uint32(max(0, 90+random.IntN(70)-random.IntN(2)*200))
		f := math.Float32frombits(exponent<<23 | random.Uint32()>>9)
		next := math.Nextafter32(f, math.MaxFloat32)
		midway := (float64(f) + float64(next)) / 2
		for _, near := range []float64{midway, math.Nextafter(midway, 0), math.Nextafter(midway, 1e39)} {
			for _, precision := range []int{15, 16, 17, 18, 40} {
				checkAgainstStrconv(t, strconv.FormatFloat(near, 'e', precision, 64))
				checkAgainstStrconv(t, strconv.FormatFloat(near, 'f', precision, 64))
			}
		}
	}
}

func FuzzParseFloat32(f *testing.F) {
	for _, s := range []string{"0", "-0.1", "1E-4", "-5.41687E-4", "3.4028236e38", "1e-46", "16777217", "0.00000000000000000000000000000000001", "1.00000017881393432617187499", "01", "1."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkAgainstStrconv(t, s) })
}
