package control

import (
	"strings"
	"testing"
)

func TestTheDocumentationFollowsTheSystemsDarkScheme(t *testing.T) {
	sheet := ask(t, New(newWorld().settings()), "", "GET", docsPath+"/docs.css", "").Body.String()
	if !strings.Contains(sheet, "@media (prefers-color-scheme: dark)") {
		t.Error("the page is light whatever the system is")
	}
	if strings.Contains(sheet, "url(") || strings.Contains(sheet, "@import") {
		t.Error("the sheet loads something, which the content security policy forbids")
	}
}
