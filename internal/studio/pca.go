package studio

import (
	"cmp"
	"math"
	"slices"
)

// flat is a set of vectors laid out on a plane.
type flat struct {
	Points []point // one for each vector, in their order
	// Kept is the share of the differences between the vectors that the plane
	// shows, from 0 to 1: 1 means that nothing is lost. Equal vectors have no
	// differences, of which it shows all.
	Kept float64
}

type point struct{ X, Y float64 }

// flatten lays vectors out by principal component analysis: the two directions
// in which they differ most become X and Y, so that distances are as true as two
// dimensions can have them. Vectors with two directions at most keep theirs.
//
// The picture depends on the set of vectors only, not on their order, and equal
// vectors have equal points. Vectors of unequal length are filled up with zeros;
// numbers that are not finite count as zero.
//
// It works on the Gram matrix, which is as wide as there are vectors: a few texts
// have thousands of dimensions, but only a few dozen products.
func flatten(vectors [][]float32) flat {
	if len(vectors) == 0 {
		return flat{Kept: 1}
	}
	// The order of the input could show in the last digits, and in which way up
	// the picture is: so there is one order for everybody.
	order := make([]int, len(vectors))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(vectors[a], vectors[b]) })
	sorted := make([][]float64, len(vectors))
	for i, from := range order {
		sorted[i] = finite(vectors[from])
	}
	values, directions := eigen(gram(centred(sorted)))
	x, y := axes(values, directions)
	out := flat{Points: make([]point, len(vectors)), Kept: kept(values)}
	for i, to := range order {
		if i > 0 && slices.Equal(vectors[to], vectors[order[i-1]]) {
			out.Points[to] = out.Points[order[i-1]]
			continue
		}
		out.Points[to] = point{x[i], y[i]}
	}
	return out
}

// finite widens a vector, with zeros for what is no number.
func finite(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, f := range v {
		if w := float64(f); !math.IsNaN(w) && !math.IsInf(w, 0) {
			out[i] = w
		}
	}
	return out
}

// centred moves vectors so that their mean is zero, and makes them equally long.
func centred(vectors [][]float64) [][]float64 {
	longest := 0
	for _, v := range vectors {
		longest = max(longest, len(v))
	}
	mean := make([]float64, longest)
	for _, v := range vectors {
		for i, f := range v {
			mean[i] += f / float64(len(vectors))
		}
	}
	out := make([][]float64, len(vectors))
	for n, v := range vectors {
		out[n] = make([]float64, longest)
		copy(out[n], v)
		for i := range mean {
			out[n][i] -= mean[i]
		}
	}
	return out
}

// gram returns the products of all with all.
func gram(vectors [][]float64) [][]float64 {
	out := make([][]float64, len(vectors))
	for i := range out {
		out[i] = make([]float64, len(vectors))
		for j := range i + 1 {
			sum := 0.0
			for k, f := range vectors[i] {
				sum += f * vectors[j][k]
			}
			out[i][j], out[j][i] = sum, sum
		}
	}
	return out
}

// axes returns the coordinates along the two greatest directions. A direction and
// its reverse are equally right; the one is taken whose greatest coordinate, the
// first of them, is positive.
func axes(values []float64, directions [][]float64) (x, y []float64) {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	along := func(n int) []float64 {
		out := make([]float64, len(values))
		if n >= len(order) {
			return out
		}
		length := math.Sqrt(max(values[order[n]], 0))
		greatest := 0.0
		for i := range out {
			out[i] = directions[i][order[n]] * length
			if math.Abs(out[i]) > math.Abs(greatest)*(1+1e-9) {
				greatest = out[i]
			}
		}
		if greatest < 0 {
			for i := range out {
				out[i] = -out[i]
			}
		}
		return out
	}
	return along(0), along(1)
}

// kept is the share of the two greatest of all.
func kept(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	slices.Reverse(sorted)
	all, two := 0.0, 0.0
	for i, v := range sorted {
		all += max(v, 0)
		if i < 2 {
			two += max(v, 0)
		}
	}
	if all == 0 {
		return 1
	}
	return min(two/all, 1)
}
