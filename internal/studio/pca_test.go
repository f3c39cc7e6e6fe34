package studio

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func vectorsOf(dimensions, from, to int) *rapid.Generator[[][]float32] {
	one := rapid.SliceOfN(rapid.Float32Range(-1000, 1000), dimensions, dimensions)
	return rapid.SliceOfN(one, from, to)
}

func distance(p, q point) float64 { return math.Hypot(p.X-q.X, p.Y-q.Y) }

func apart(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

func TestThePictureDoesNotDependOnTheOrderOfTheTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vectors := vectorsOf(rapid.IntRange(1, 8).Draw(t, "dimensions"), 1, 12).Draw(t, "vectors")
		if rapid.Bool().Draw(t, "twice") {
			vectors = append(vectors, vectors[0])
		}
		places := rapid.Permutation(indices(len(vectors))).Draw(t, "places")
		mixed := make([][]float32, len(vectors))
		for to, from := range places {
			mixed[to] = vectors[from]
		}
		a, b := flatten(vectors), flatten(mixed)
		if a.Kept != b.Kept {
			t.Fatalf("kept %v and %v", a.Kept, b.Kept)
		}
		for to, from := range places {
			if a.Points[from] != b.Points[to] {
				t.Fatalf("%v and %v", a.Points[from], b.Points[to])
			}
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Points of a plane that lies somewhere in many dimensions keep their distances.
func TestDistancesOfWhatIsFlatAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := vectorsOf(2, 1, 20).Draw(t, "points")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		u, v := orthonormal(random, 40)
		vectors := make([][]float32, len(points))
		for i, p := range points {
			vectors[i] = make([]float32, 40)
			for k := range vectors[i] {
				vectors[i][k] = float32(float64(p[0])*u[k] + float64(p[1])*v[k])
			}
		}
		out := flatten(vectors)
		for i := range vectors {
			for j := range vectors {
				if got, want := distance(out.Points[i], out.Points[j]), apart(vectors[i], vectors[j]); math.Abs(got-want) > 0.05 {
					t.Fatalf("%d and %d: %v, want %v", i, j, got, want)
				}
			}
		}
		if out.Kept < 0.999 {
			t.Fatalf("%v of it kept", out.Kept)
		}
	})
}

func orthonormal(random *rand.Rand, n int) (u, v []float64) {
	u, v = make([]float64, n), make([]float64, n)
	for i := range n {
		u[i], v[i] = random.NormFloat64(), random.NormFloat64()
	}
	normalise(u)
	dot := 0.0
	for i := range n {
		dot += u[i] * v[i]
	}
	for i := range n {
		v[i] -= dot * u[i]
	}
	normalise(v)
	return u, v
}

func normalise(v []float64) {
	sum := 0.0
	for _, f := range v {
		sum += f * f
	}
	for i := range v {
		v[i] /= math.Sqrt(sum)
	}
}

// A projection can only bring things nearer.
func TestNothingIsFartherApartOnThePlaneThanItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vectors := vectorsOf(6, 1, 16).Draw(t, "vectors")
		out := flatten(vectors)
		for i := range vectors {
			for j := range vectors {
				if got, most := distance(out.Points[i], out.Points[j]), apart(vectors[i], vectors[j]); got > most*(1+1e-6)+1e-3 {
					t.Fatalf("%v, and %v apart", got, most)
				}
			}
		}
		if !(out.Kept >= 0 && out.Kept <= 1) {
			t.Fatalf("kept %v", out.Kept)
		}
	})
}

func TestTheGreatestDifferenceLiesAlongX(t *testing.T) {
	out := flatten([][]float32{{0, 0, 5}, {10, 0, 5}, {0, 1, 5}, {10, 1, 5}})
	if math.Abs(math.Abs(out.Points[0].X)-5) > 1e-9 || math.Abs(math.Abs(out.Points[0].Y)-0.5) > 1e-9 || math.Abs(out.Kept-1) > 1e-12 {
		t.Errorf("%v", out)
	}
}

func TestInputsWithoutDifferencesAreOnePointAndLoseNothing(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, vectors := range map[string][][]float32{
		"one text": {{1, 2, 3}}, "equal texts": {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}, "zeros": {{0, 0}, {0, 0}},
		"no dimensions": {{}, {}}, "no numbers": {{nan, inf}, {nan, inf}},
	} {
		out := flatten(vectors)
		if d := cmp.Diff(flat{Points: make([]point, len(vectors)), Kept: 1}, out); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if out := flatten(nil); len(out.Points) != 0 || out.Kept != 1 {
		t.Errorf("none: %v", out)
	}
}

func TestTheLargestNumbersDoNotTurnIntoNone(t *testing.T) {
	out := flatten([][]float32{{math.MaxFloat32, 0}, {0, math.MaxFloat32}, {-math.MaxFloat32, 1}})
	for _, p := range out.Points {
		if math.IsNaN(p.X) || math.IsNaN(p.Y) || math.IsInf(p.X, 0) || math.IsInf(p.Y, 0) {
			t.Errorf("%v", out)
		}
	}
}

func TestEigenvectorsAreWhatTheyAreCalled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		a := make([][]float64, n)
		for i := range a {
			a[i] = make([]float64, n)
		}
		for i := range n {
			for j := range i + 1 {
				f := rapid.Float64Range(-100, 100).Draw(t, "f")
				a[i][j], a[j][i] = f, f
			}
		}
		before := make([][]float64, n)
		for i := range a {
			before[i] = slices.Clone(a[i])
		}
		values, vectors := eigen(a)
		for k, value := range values {
			length := 0.0
			for i := range n {
				sum := 0.0
				for j := range n {
					sum += before[i][j] * vectors[j][k]
				}
				if math.Abs(sum-value*vectors[i][k]) > 1e-9*100*float64(n) {
					t.Fatalf("row %d of vector %d: %v, want %v", i, k, sum, value*vectors[i][k])
				}
				length += vectors[i][k] * vectors[i][k]
			}
			if math.Abs(length-1) > 1e-9 {
				t.Fatalf("vector %d has length %v", k, length)
			}
		}
	})
}

func BenchmarkFlattening32TextsOf3072Dimensions(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	vectors := make([][]float32, 32)
	for i := range vectors {
		vectors[i] = make([]float32, 3072)
		for j := range vectors[i] {
			vectors[i][j] = float32(random.NormFloat64())
		}
	}
	for b.Loop() {
		flatten(vectors)
	}
}
