package notices_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// English names of agencies come with an article in a sentence or without one,
// and no program knows which: they stand in a line of their own.
func TestEnglishSentencesNameNoAgency(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("templates/*.en.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	named := regexp.MustCompile(`\{\{\s*\.Agency`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := named.Find(text); found != nil {
			t.Errorf("%s names an agency in a sentence", file)
		}
	}
}
