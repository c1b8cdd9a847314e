package web

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// QRCode is a QR code as an SVG path, a module being one unit.
type QRCode struct {
	// Size is the length of a side with its quiet zone, in modules.
	Size int
	Path string
}

// quietZone is the white around a code that readers need, in modules (ISO/IEC
// 18004).
const quietZone = 4

// qrCode draws an address. Level M still reads with a seventh of it soiled.
func qrCode(address string) (QRCode, error) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return QRCode{}, fmt.Errorf("draw the QR code: %w", err)
	}
	side := code.Bounds().Dx()
	dark := func(x, y int) bool { return x < side && code.At(x, y) == color.Black }
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
			}
		}
	}
	return QRCode{Size: side + 2*quietZone, Path: path.String()}, nil
}
