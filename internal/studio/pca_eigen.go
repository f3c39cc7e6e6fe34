package studio

import "math"

// sweeps is how often [eigen] goes over the matrix at most. Jacobi's method needs
// six to ten for a hundred rows; each sweep squares what is left.
const sweeps = 60

// eigen returns the eigenvalues of a symmetric matrix, and its eigenvectors as
// the columns of another, by Jacobi's cyclic rotations (Golub and Van Loan,
// Matrix Computations, section 8.5). The matrix is used up.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	vectors = make([][]float64, n)
	scale := 0.0
	for i := range vectors {
		vectors[i] = make([]float64, n)
		vectors[i][i] = 1
		for _, f := range a[i] {
			scale = max(scale, math.Abs(f))
		}
	}
	for range sweeps {
		rest := 0.0
		for p := range n {
			for q := p + 1; q < n; q++ {
				rest = max(rest, math.Abs(a[p][q]))
			}
		}
		if rest <= scale*1e-15 {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, vectors, p, q)
			}
		}
	}
	values = make([]float64, n)
	for i := range values {
		values[i] = a[i][i]
	}
	return values, vectors
}

// rotate turns the plane of p and q so that a[p][q] becomes zero.
func rotate(a, vectors [][]float64, p, q int) {
	if a[p][q] == 0 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Hypot(theta, 1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Hypot(t, 1)
	s := t * c
	for i := range a {
		a[i][p], a[i][q] = c*a[i][p]-s*a[i][q], s*a[i][p]+c*a[i][q]
	}
	for i := range a {
		a[p][i], a[q][i] = c*a[p][i]-s*a[q][i], s*a[p][i]+c*a[q][i]
	}
	a[p][q], a[q][p] = 0, 0
	for i := range vectors {
		vectors[i][p], vectors[i][q] = c*vectors[i][p]-s*vectors[i][q], s*vectors[i][p]+c*vectors[i][q]
	}
}
