/* The shared vectors, in flash. */
    .section .rodata.vectors, "a", %progbits
    .global vectors_start, vectors_end
vectors_start:
    .incbin "pbx.tsv"
vectors_end:
    .section .note.GNU-stack, "", %progbits
