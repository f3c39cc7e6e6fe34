package docs

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.md
var files embed.FS

// Page is one page of the manual.
type Page struct {
	// Name is the file's name, such as "limits.md": what links between pages say.
	Name string
	// Title is the first heading, such as "Limits".
	Title string
	// Text is the page in Markdown, with \n at the end of each line.
	Text string
}

// Pages returns all pages, sorted by name.
func Pages() []Page {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // the folder is compiled in: it is there
	}
	var pages []Page
	for _, entry := range entries {
		text, err := files.ReadFile(entry.Name())
		if err != nil {
			continue // so is the file
		}
		page := Page{Name: entry.Name(), Text: strings.ReplaceAll(string(text), "\r\n", "\n")}
		for line := range strings.Lines(page.Text) {
			if title, ok := strings.CutPrefix(line, "# "); ok {
				page.Title = strings.TrimSpace(title)
				break
			}
		}
		pages = append(pages, page)
	}
	slices.SortFunc(pages, func(a, b Page) int { return strings.Compare(a.Name, b.Name) })
	return pages
}

// Paragraph is a piece of the manual that makes sense alone: a paragraph, a list
// or code with the sentence that leads to it, or a row of a table.
type Paragraph struct {
	// Page is the name of the page, such as "limits.md".
	Page string
	// Heading is the nearest heading above, such as "Fairness".
	Heading string
	// Text is plain text without links and emphasis; code keeps its lines. It has
	// at most 2,000 characters, so that every model takes it whole.
	Text string
}

// Paragraphs returns the whole manual in reading order: page by page as [Pages]
// sorts them. Headings alone are no paragraphs.
func Paragraphs() []Paragraph {
	var all []Paragraph
	for _, page := range Pages() {
		all = append(all, split(page.Name, page.Text)...)
	}
	return all
}
