package studio

import (
	"html/template"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNearnessIsTheCosineAndNeverBeyondOne(t *testing.T) {
	got := nearness([][]float32{{1, 0}, {0, 2}, {3, 3}, {-1, 0}, {0, 0}, {float32(math.NaN()), 1}})
	half := math.Sqrt(0.5)
	want := [][]float64{
		{1, 0, half, -1, 0, 0}, {0, 1, half, 0, 0, 0}, {half, half, 1, -half, 0, 0}, {-1, 0, -half, 1, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0},
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
	if d := cmp.Diff(want, got, near); d != "" {
		t.Error(d)
	}
	rapid.Check(t, func(t *rapid.T) {
		vectors := vectorsOf(5, 1, 8).Draw(t, "vectors")
		for i, row := range nearness(vectors) {
			for j, c := range row {
				if !(c >= -1 && c <= 1) || i == j && unit(vectors[i]) != nil && c < 1-1e-9 {
					t.Fatalf("%d and %d: %v", i, j, c)
				}
			}
		}
	})
}

func TestAHeatMapNamesTheNearestAndTheFarthestPair(t *testing.T) {
	vectors := [][]float32{{1, 0}, {0, 1}, {1, 0.1}}
	h := heatMap{ID: "h", Texts: []string{"one", "two", "three"}, Cosines: nearness(vectors)}.HTML()
	for _, want := range []string{"The most similar are 1 and 3 with 1.00. The least similar are 1 and 2 with 0.00.", "1 and 2: 0.00\none\ntwo", `<td class="num">0.9950</td>`} {
		if !strings.Contains(string(h), want) {
			t.Errorf("%q is not in %s", want, h)
		}
	}
	if names, _ := wellFormed(t, h); names["table"] != 1 {
		t.Error("no table")
	}
}

func TestManyTextsLeaveOutNumbersOfColumnsRatherThanDrawThemIntoEachOther(t *testing.T) {
	columns := regexp.MustCompile(`<text class="heat-number" x="([0-9.]+)" y="15" text-anchor="middle" font-size="([0-9.]+)">(\d+)</text>`)
	for texts, want := range map[int]int{1: 1, 10: 10, 16: 16, 24: 12, 32: 16} {
		vectors := make([][]float32, texts)
		for i := range vectors {
			vectors[i] = []float32{1, float32(i)}
		}
		drawn := string(heatMap{ID: "h", Cosines: nearness(vectors)}.HTML())
		found := columns.FindAllStringSubmatch(drawn, -1)
		if len(found) != want || strings.Count(drawn, `text-anchor="end"`) != texts {
			t.Errorf("%d of %d columns have a number, want %d, and %d rows", len(found), texts, want, strings.Count(drawn, `text-anchor="end"`))
		}
		end := 0.0
		for _, column := range found {
			middle, font := decimalOf(t, column[1]), decimalOf(t, column[2])
			half := float64(len(column[3])) * font * 0.6 / 2
			if middle-half <= end {
				t.Errorf("of %d texts, the number %s begins at %v, before the former ends at %v", texts, column[3], middle-half, end)
			}
			end = middle + half
		}
	}
}

func decimalOf(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTextsOfOneDirectionAreNotDrawnAsUnlike(t *testing.T) {
	for _, vectors := range [][][]float32{{{3, 4}}, {{3, 4}, {3, 4}}, {{0.3, 0.4}, {3, 4}}} {
		drawn := string(heatMap{ID: "h", Cosines: nearness(vectors)}.HTML())
		if cells, _, _ := strings.Cut(drawn, "</svg>"); strings.Count(cells, `fill-opacity="1"`) != len(vectors)*len(vectors) {
			t.Errorf("not all cells have the strongest colour: %s", cells)
		}
	}
	if got := strengthOf(0, 0); got != 0 {
		t.Errorf("a text that is near to nothing is drawn with %v", got)
	}
}

func TestMapsOfAnyVectorsAreWellFormedWhateverTheTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vectors := vectorsOf(3, 1, 32).Draw(t, "vectors")
		texts := rapid.SliceOfN(rapid.String(), len(vectors), len(vectors)).Draw(t, "texts")
		texts[0] += "</title><script>\x00"
		cosines := nearness(vectors)
		heat, _ := wellFormed(t, printable(heatMap{ID: "h", Texts: texts, Cosines: cosines}.HTML()))
		m := pointMap{ID: "m", Texts: texts, Flat: flatten(directions(vectors))}
		points, _ := wellFormed(t, printable(m.HTML()))
		if heat["script"]+points["script"] > 0 {
			t.Fatal("a script")
		}
		seen := 0
		for _, s := range m.spots() {
			seen += len(s.texts)
			if !(s.x >= mapEdge-1e-6 && s.x <= mapWidth-mapEdge+1e-6 && s.y >= mapEdge-1e-6 && s.y <= mapHeight-mapEdge+1e-6) {
				t.Fatalf("a point at %v, %v", s.x, s.y)
			}
		}
		if seen != len(vectors) {
			t.Fatalf("%d of %d points", seen, len(vectors))
		}
	})
}

// printable takes out what HTML may hold and XML may not.
func printable(h template.HTML) template.HTML {
	return template.HTML(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r > 0xD7FF && r < 0xE000 || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(h), "")))
}

func TestTextsInOnePlaceShareASpotAndAllAreNamed(t *testing.T) {
	same := [][]float32{{1, 2}, {1, 2}, {2, 4}}
	h := string(pointMap{ID: "m", Texts: []string{"a", "b", "c"}, Flat: flatten(directions(same))}.HTML())
	if !strings.Contains(h, "Texts 1, 2, 3 lie together.") || !strings.Contains(h, "1: a\n2: b\n3: c") {
		t.Error(h)
	}
}

func TestAMapThatLosesMuchSaysSo(t *testing.T) {
	eye := make([][]float32, 10)
	for i := range eye {
		eye[i] = make([]float32, 10)
		eye[i][i] = 1
	}
	h := string(pointMap{ID: "m", Flat: flatten(eye)}.HTML())
	if !strings.Contains(h, "22% of the variance. Treat distances as a hint") {
		t.Error(h)
	}
}
