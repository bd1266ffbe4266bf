import { describeControls } from './controls.ts';

describeControls('serve');
