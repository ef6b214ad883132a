package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// inks are the colours of the two rings in each state, those of the extension's pages in between light and dark, so that
// they are seen on toolbars of both.
var inks = map[string]color.NRGBA{
	"measuring": {0x1b, 0x8a, 0x98, 0xff},
	"elsewhere": {0x80, 0x88, 0x90, 0xff},
	"cannot":    {0xb8, 0x7a, 0x1e, 0xff},
	"locked":    {0xd2, 0x45, 0x4f, 0xff},
}

// toolbarSizes are needed for each state, shopSizes for the extension itself; in pixels.
var (
	toolbarSizes = []int{16, 32}
	shopSizes    = []int{48, 128}
)

// drawIcons draws the product's two rings. Browsers other than Firefox take no vector drawings for icons.
func drawIcons(_ string, _ target, files map[string][]byte) error {
	for state, ink := range inks {
		sizes := toolbarSizes
		if state == "measuring" {
			sizes = append(append([]int{}, toolbarSizes...), shopSizes...)
		}
		for _, size := range sizes {
			var out bytes.Buffer
			if err := png.Encode(&out, rings(size, ink)); err != nil {
				return fmt.Errorf("build: draw an icon: %w", err)
			}
			files[fmt.Sprintf("icons/%s-%d.png", state, size)] = out.Bytes()
		}
	}
	return nil
}

// rings draws on a square of 28 units, as the console's icon.svg does. Each pixel is the mean of 8 × 8 samples.
func rings(size int, ink color.NRGBA) image.Image {
	const samples = 8
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	stroke := 2.6
	if size <= 16 {
		stroke = 3.2 // or it fades
	}
	for y := range size {
		for x := range size {
			inside := 0
			for s := range samples * samples {
				at := func(pixel, part int) float64 {
					return (float64(pixel) + (float64(part)+0.5)/samples) * 28 / float64(size)
				}
				u, v := at(x, s%samples), at(y, s/samples)
				for _, centre := range []float64{10, 18} {
					if math.Abs(math.Hypot(u-centre, v-14)-8) <= stroke/2 {
						inside++
						break
					}
				}
			}
			c := ink
			c.A = uint8(inside * 255 / (samples * samples))
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}
