package vector

import "math"

// Normalise scales v in place to length 1. A vector of zeros has no direction:
// it stays as it is, and Normalise returns false. So does one that holds an
// infinity or a NaN.
func Normalise(v []float32) bool {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	length := math.Sqrt(squares)
	if length == 0 || math.IsNaN(length) || math.IsInf(length, 0) {
		return false
	}
	for i, x := range v {
		v[i] = float32(float64(x) / length)
	}
	return true
}

// Dot returns the scalar product of a and b, which for vectors of length 1 is
// the cosine of the angle between them. Vectors of different dimensions have
// none: the result is NaN.
func Dot(a, b []float32) float32 {
	if len(a) != len(b) {
		return float32(math.NaN())
	}
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return float32(sum)
}
